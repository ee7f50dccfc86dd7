"""Forward-only plain SQL: files `0001_name.sql` in series, each applied once and in one transaction."""

import asyncio
import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from chassis.db import audit
from chassis.identity.acting import OPERATOR, Act, operator

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[Any] | PoolConnectionProxy[Any]

Series = Sequence[tuple[str, Traversable | Path]]
FILE: Final = re.compile(r"(\d{4})_\w+\.sql")
LOCK: Final = 0x6B6F6E746F72
# no server, one that starts, no database, no role, or one without its password yet
NOT_YET: Final = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.PostgresConnectionError,
)
BOOKS: Final = """
create schema if not exists chassis;
create table if not exists chassis.migrations (
  series text not null,
  number int not null,
  name text not null,
  sha256 text not null,
  applied_at timestamptz not null default now(),
  primary key (series, number)
)"""
HAS_AUDIT: Final = "select to_regclass('chassis.audit') is not null"
APPLIED: Final = "select number, sha256 from chassis.migrations where series = $1"
APPLY: Final = "insert into chassis.migrations (series, number, name, sha256) values ($1, $2, $3, $4)"


class MigrationRefused(Exception):
    """The files of a series do not continue what this database has applied; its message names file and reason."""


@dataclass(frozen=True, slots=True)
class _Step:
    number: int
    name: str
    sql: str
    sha256: str


def series_of(package: str) -> Series:
    """Return the two series of a service's database, in the order in which they are applied."""
    return [("chassis", files("chassis") / "db" / "migrations"), (package, files(package) / "migrations")]


async def migrate(dsn: str, series: Series, wait_seconds: float = 0) -> None:
    """Bring the database to this program's migrations; may run in many processes at once, and again.

    It waits so long for a database that does not let it in: whoever makes it may be at it.
    Each file has a row in the audit log once there is one, by whoever runs the program. Raises `MigrationRefused`, and
    asyncpg's error of the file that failed; the files before it stay applied.
    """
    act = Act(operator(), OPERATOR, "migrate")
    steps = [(name, _steps(name, folder)) for name, folder in series]
    connection = await _connect(dsn, wait_seconds)
    try:
        # Trying, not waiting in the database: a waiting statement holds a snapshot that others would wait for.
        while not await connection.fetchval("select pg_try_advisory_lock($1)", LOCK):  # noqa: ASYNC110 -- another session lets go, which no event of ours tells
            await asyncio.sleep(0.1)
        await connection.execute(BOOKS)
        for name, wanted in steps:
            applied = await _applied(connection, name)
            before = max(applied, default=0)
            for step in _open(name, wanted, applied):
                async with connection.transaction():
                    # Better to fail and be run again than to queue in front of everybody.
                    await connection.execute("set local lock_timeout = '10s'")
                    await connection.execute(step.sql)
                    await connection.execute(APPLY, name, step.number, step.name, step.sha256)
                    if await connection.fetchval(HAS_AUDIT):
                        after = {"number": step.number, "file": step.name}
                        entry = audit.Entry("migrations", name, {"number": before}, after)
                        await audit.record(connection, act, [entry], await connection.fetchval("select now()"))
                before = step.number
    finally:
        await connection.close()


async def _connect(dsn: str, wait_seconds: float) -> "Connection":
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return await asyncpg.connect(dsn)
        except NOT_YET:
            if time.monotonic() >= deadline:
                raise
            await asyncio.sleep(0.5)


async def pending(conn: "Connection", series: Series) -> list[str]:
    """Return the files this program needs and the database lacks, as `series/file`; a newer database lacks none."""
    known = await conn.fetchval("select to_regclass('chassis.migrations') is not null")
    lacking: list[str] = []
    for name, folder in series:
        applied = await _applied(conn, name) if known else {}
        lacking += [f"{name}/{step.name}" for step in _steps(name, folder) if step.number not in applied]
    return lacking


async def changed(conn: "Connection", series: Series) -> list[str]:
    """Return the files that this program has otherwise than they were applied, as `series/file`."""
    known = await conn.fetchval("select to_regclass('chassis.migrations') is not null")
    differing: list[str] = []
    for name, folder in series:
        applied = await _applied(conn, name) if known else {}
        steps = _steps(name, folder)
        differing += [f"{name}/{step.name}" for step in steps if applied.get(step.number, step.sha256) != step.sha256]
    return differing


async def beyond(conn: "Connection", series: Series) -> list[str]:
    """Return what this database has applied and this program does not know, as `series/number`."""
    known = await conn.fetchval("select to_regclass('chassis.migrations') is not null")
    unknown: list[str] = []
    for name, folder in series:
        numbers = {step.number for step in _steps(name, folder)}
        applied = await _applied(conn, name) if known else {}
        unknown += [f"{name}/{number:04}" for number in sorted(applied.keys() - numbers)]
    return unknown


async def _applied(connection: "Connection", name: str) -> dict[int, str]:
    return {row["number"]: row["sha256"] for row in await connection.fetch(APPLIED, name)}


def _steps(name: str, folder: Traversable | Path) -> list[_Step]:
    steps: dict[int, _Step] = {}
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda file: file.name):
        match = FILE.fullmatch(file.name)
        if match is None or int(match[1]) in steps:
            raise MigrationRefused(f"{name}/{file.name}: its name is not 0001_name.sql with a number of its own")
        raw = file.read_bytes()
        steps[int(match[1])] = _Step(int(match[1]), file.name, raw.decode(), hashlib.sha256(raw).hexdigest())
    return list(steps.values())


def _open(name: str, steps: Sequence[_Step], applied: dict[int, str]) -> list[_Step]:
    for step in steps:
        if applied.get(step.number, step.sha256) != step.sha256:
            raise MigrationRefused(f"{name}/{step.name}: changed since it was applied; put the change into a new file")
        if step.number not in applied and step.number < max(applied, default=0):
            raise MigrationRefused(f"{name}/{step.name}: a later file is applied already; give this one a new number")
    return [step for step in steps if step.number not in applied]
