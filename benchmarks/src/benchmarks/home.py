"""The PostgreSQL and the Kafka that both sides of a benchmark use, and the programs they run."""

import asyncio
import fcntl
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from stack import Stack
from stack.ports import pick
from stack.processes import HOME_VARIABLE
from stack.state import State

PDEATHSIG = ("setpriv", "--pdeathsig", "KILL")
END_SECONDS = 15
PARTITIONS = 3


class ProgramFailed(Exception):
    """A program of a benchmark failed; the message has the end of its log."""


@dataclass(slots=True)
class Program:
    """A program that runs in a process of its own."""

    name: str
    process: asyncio.subprocess.Process
    log: Path
    url: str = ""
    admin_url: str = ""

    def check(self) -> None:
        """Raise ProgramFailed if it has ended."""
        if self.process.returncode is not None:
            raise ProgramFailed(f"{self.name} ended with {self.process.returncode}\n{tail(self.log)}")

    @property
    def cpu_seconds(self) -> float:
        """The CPU seconds that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def end(self) -> None:
        """Stop it with SIGTERM, and kill it if it has not ended after END_SECONDS."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self.process.returncode is None:
                self.process.send_signal(sign)
                try:
                    async with asyncio.timeout(END_SECONDS):
                        await self.process.wait()
                except TimeoutError:
                    continue


@dataclass(slots=True)
class Home:
    """A running stack for benchmarks, as durable as an installation. `release`: another checkout that runs on it."""

    stack: Stack
    state: State
    release: Path | None = None
    _numbers: Any = field(default_factory=lambda: count(1))

    @property
    def path(self) -> Path:
        """The directory below which everything of this run lives."""
        return self.stack.home

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments that name this home to a client program."""
        return (str(self.path), *(("--release", str(self.release)) if self.release else ()))

    @asynccontextmanager
    async def database(self, name: str, like: str = "") -> AsyncGenerator[str]:
        """Create a database, empty or a copy of `like`, give the administrator's URL of it, and drop it at the end."""
        unique = f"bench_{name.replace('-', '_')}_{secrets.token_hex(4)}"
        template = f' template "{urlsplit(like).path[1:]}"' if like else ""
        await self.admin(f'create database "{unique}"{template}')
        try:
            parts = urlsplit(self.state.postgres)
            yield urlunsplit(parts._replace(path=f"/{unique}"))
        finally:
            await self.admin(f'drop database "{unique}" with (force)')

    async def admin(self, statement: str) -> Any:
        """Run a statement as the administrator, and return the first value of its result."""
        connection = await asyncpg.connect(self.state.postgres)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    async def tidy(self, database: str) -> None:
        """Update a database's statistics and visibility maps, as autovacuum would after a while."""
        await self.execute(database, "vacuum analyze")

    async def execute(self, database: str, statement: str) -> None:
        """Run a statement in a database."""
        connection = await asyncpg.connect(database)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def configure(self, **settings: str) -> None:
        """Start PostgreSQL anew with these settings, if it has others. They stay for all benchmarks that follow."""
        if all([await self.admin(f"show {name}") == value for name, value in settings.items()]):
            return
        for name, value in settings.items():
            await self.admin(f"alter system set {name} = '{value}'")
        await asyncio.to_thread(self.stack.stop, "postgres")
        await asyncio.to_thread(self.stack.start, "postgres")

    async def settle(self) -> None:
        """Make a checkpoint, so that the next measurement does not write what earlier ones have left."""
        await self.admin("checkpoint")

    @asynccontextmanager
    async def topics(self, *names: str, partitions: int = PARTITIONS, prefix: str = "") -> AsyncGenerator[str]:
        """Create topics under a new prefix, or this one, give the prefix, and delete them at the end."""
        prefix = prefix or f"b{secrets.token_hex(4)}."
        client: Any = AIOKafkaAdminClient(bootstrap_servers=self.state.kafka)
        await client.start()
        try:
            answer = await client.create_topics([NewTopic(prefix + name, partitions, 1) for name in names])
            if refused := [error for error in answer.topic_errors if error[1]]:
                raise ProgramFailed(f"Kafka refuses topics: {refused}")
            yield prefix
            await client.delete_topics([prefix + name for name in names])
        finally:
            await client.close()

    @asynccontextmanager
    async def program(self, module: str, *words: str, **environment: str) -> AsyncGenerator[Program]:
        """Run a Python module as a program until the end of the block; its output goes to a log."""
        name = f"{next(self._numbers):04d}-{module.rpartition('.')[2]}"
        log = self.path / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *PDEATHSIG,
                sys.executable,
                "-m",
                module,
                *words,
                env=self._with(environment),
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        program = Program(name, process, log)
        try:
            yield program
            program.check()
        finally:
            await asyncio.shield(program.end())

    @asynccontextmanager
    async def service(
        self, module: str, database: str, *words: str, seconds: float = 60, **environment: str
    ) -> AsyncGenerator[Program]:
        """Migrate a database, and run a service on it until the end of the block; it is ready at the beginning."""
        ports = pick(("HTTP_PORT", "ADMIN_PORT"), {})
        url, admin_url = (f"http://127.0.0.1:{port}" for port in ports.values())
        chosen = {name: str(port) for name, port in ports.items()}
        common = self.settings(database) | chosen | {"PUBLIC_URL": url} | environment
        await self.run(module, "migrate", **common)
        async with self.program(module, "serve", *words, **common) as program:
            program.url, program.admin_url = url, admin_url
            await ready(program, seconds)
            yield program

    def settings(self, database: str) -> dict[str, str]:
        """Return the environment that every service needs."""
        return {
            "DATABASE_URL": database,
            "KAFKA_BOOTSTRAP_SERVERS": self.state.kafka,
            "ACCOUNTS_URL": self.state.urls["accounts"],
            "PUBLIC_URL": "http://localhost",
            "SERVICE_SECRET_FILE": next(iter(self.state.secret_files.values())),
        }

    async def run(self, module: str, *words: str, **environment: str) -> str:
        """Run a Python module to its end, and return what it printed. Raises ProgramFailed if it fails."""
        process = await asyncio.create_subprocess_exec(
            *PDEATHSIG,
            sys.executable,
            "-m",
            module,
            *words,
            env=self._with(environment),
            stdout=-1,
            stderr=-1,
            start_new_session=True,
        )
        try:
            out, err = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            raise
        if process.returncode:
            raise ProgramFailed(f"{module} {' '.join(words)}: {process.returncode}\n{err.decode()[-3000:]}")
        return out.decode()

    async def ask(self, module: str, *words: str, **environment: str) -> Any:
        """Run a program that prints one JSON value, and return the value."""
        return json.loads(await self.run(module, *words, **environment))

    @asynccontextmanager
    async def suite(self, names: Sequence[str] | None = None) -> AsyncGenerator[State]:
        """Run services (all for None), the mail catcher and the payment provider until the end of the block."""
        from contracts import topics

        declared = [(topic.name, topic.retention_ms) for topic in topics()]
        stack = Stack(self.path, topics=lambda: declared)
        wanted = None if names is None else list(names)
        try:
            yield await asyncio.to_thread(stack.up, services=wanted)
        finally:
            kept = ("postgres", "kafka")
            for name in [name for name in stack.status() if name not in kept]:
                await asyncio.to_thread(stack.stop, name)

    def _with(self, environment: Mapping[str, str]) -> dict[str, str]:
        return {**os.environ, "PYTHONUNBUFFERED": "1", HOME_VARIABLE: str(self.path), **environment}


@asynccontextmanager
async def home(directory: Path, *, one_process: bool = False) -> AsyncGenerator[Home]:
    """Run a stack with empty data below a directory. It is taken down at the end, even after an error.

    `one_process`: the suite runs all services in one process. Raises ProgramFailed if another run uses the directory.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_name(f"{directory.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ProgramFailed(f"Another run uses {directory.name}: wait for it, or give --home.") from None
        stack = Stack(directory, every_span=False, one_process=one_process, doubles=False)
        try:
            yield Home(stack, await asyncio.to_thread(stack.up, fresh=True, services=[]))
        finally:
            await asyncio.shield(asyncio.to_thread(stack.down))


async def ready(program: Program, seconds: float = 60) -> None:
    """Wait until a program answers 200 at `/readyz`. Raises ProgramFailed after `seconds`, or if it ends."""
    end = time.monotonic() + seconds
    async with aiohttp.ClientSession() as http:
        while True:
            program.check()
            try:
                async with http.get(f"{program.admin_url or program.url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            if time.monotonic() > end:
                raise ProgramFailed(f"{program.name} is not ready after {seconds:.0f} s\n{tail(program.log)}")
            await asyncio.sleep(0.05)


def tail(log: Path) -> str:
    """Return the last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:]) if log.exists() else ""
