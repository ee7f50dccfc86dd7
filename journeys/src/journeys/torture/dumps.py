"""Dumps of databases, and databases made of them again, by PostgreSQL's own programs."""

import asyncio
import os
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from stack.errors import ProgramFailed
from stack.postgres import binaries


async def dump(url: str, file: Path) -> None:
    """Write what a database holds at this moment."""
    await _run("pg_dump", "--format=custom", f"--file={file}", f"--dbname={url}")


async def restore(admin: str, url: str, file: Path) -> None:
    """Make a database anew from a dump, whatever it is now."""
    name = urlsplit(url).path.lstrip("/")
    server = await asyncpg.connect(admin)
    try:
        await server.execute(f'drop database if exists "{name}" with (force)')
        await server.execute(f'create database "{name}" owner "{name}"')
    finally:
        await server.close()
    await _run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={url}", str(file))


async def _run(program: str, *arguments: str) -> None:
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(
        str(binaries() / program), *arguments, stdout=pipe, stderr=pipe, env={**os.environ, "LC_ALL": "C"}
    )
    _, errors = await running.communicate()
    if running.returncode:
        raise ProgramFailed(program, "failed", errors.decode())
