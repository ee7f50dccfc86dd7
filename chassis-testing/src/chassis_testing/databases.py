"""A database for each test module, copied from a template to which all migrations are applied."""

import hashlib
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from chassis.db import migration
from chassis.db.connections import OwnConnection
from chassis.service.service import Service

LOCK = 0x7465737473


@asynccontextmanager
async def fresh(admin_url: str, service: Service[Any]) -> AsyncGenerator[str]:
    """Create a database with the service's migrations and yield its URL; drop it at the end."""
    name = f"test_{service.package}_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(admin_url)
    try:
        template = await _template(connection, admin_url, service)
        await connection.execute(f'create database "{name}" template "{template}"')
        yield at(admin_url, name)
        await connection.execute(f'drop database "{name}" with (force)')
    finally:
        await connection.close()


def at(admin_url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    parts = urlsplit(admin_url)
    return urlunsplit(parts._replace(path=f"/{name}"))


async def _template(connection: OwnConnection, admin_url: str, service: Service[Any]) -> str:
    files = hashlib.sha256()
    for _, folder in service.series:
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            files.update(file.read_bytes() if file.is_file() else b"")
    name = f"template_{service.package}_{files.hexdigest()[:12]}"
    await connection.execute("select pg_advisory_lock($1)", LOCK)
    try:
        if not await connection.fetchval("select true from pg_database where datname = $1", name):
            await connection.execute(f'create database "{name}_making"')
            await migration.migrate(at(admin_url, f"{name}_making"), service.series)
            await connection.execute(f'alter database "{name}_making" rename to "{name}"')
    finally:
        await connection.execute("select pg_advisory_unlock($1)", LOCK)
    return name
