"""The database: whether it answers, its migrations, its clock, and what waits or is dead in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import asyncpg

from chassis.consuming import gaps, parking
from chassis.consuming.numbers import Place
from chassis.db import migration
from chassis.db.connections import Connection, DatabaseBusy
from chassis.db.database import Database
from chassis.db.refusal import refusal
from chassis.db.skew import WARNED_SECONDS, WRONG_SECONDS, compare
from chassis.db.transaction import Read
from chassis.doctor.diagnosis import Diagnosis, concern, well, wrong
from chassis.exporting import requests

CHECK = "database"
NEEDED = frozenset({CHECK, "migrations"})
"""What no replica serves without."""
RUNBOOK = "docs/runbooks/events.md"
OUTBOX_SECONDS, PARKED_SECONDS = 60, 600
FULL = 0.8
FAILED = f"in {requests.FAILING} tries"


@dataclass(slots=True)
class Examination:
    """What was found in a database, and up to which record each partition was consumed."""

    diagnoses: list[Diagnosis] = field(default_factory=list[Diagnosis])
    consumed: Mapping[Place, int] = field(default_factory=dict[Place, int])


async def examine(database: Database, series: migration.Series) -> Examination:
    """Look at an opened database; what cannot be asked ends the examination with its reason."""
    try:
        connection = await database.connect()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, DatabaseBusy) as error:
        return Examination([wrong(CHECK, *refusal(error, database.dsn))])
    try:
        await compare(connection, database.clock)
        version = await connection.fetchval("show server_version")
        found = [well(CHECK, f"PostgreSQL {version} answers"), *await _migrations(connection, series)]
        found += _clock(database.clock.skew or 0.0)
        found += await _sessions(connection)
    finally:
        await connection.close()
    if not await _has_books(database.read()):
        return Examination(found)
    return Examination([*found, *await _events(database.read())], await gaps.consumed(database.read()))


async def _migrations(connection: Connection, series: migration.Series) -> list[Diagnosis]:
    check = "migrations"
    try:
        changed = await migration.changed(connection, series)
    except asyncpg.InsufficientPrivilegeError:
        return [wrong(check, "The migrations cannot be read.", "Let the service's user own the schema chassis.")]
    if changed:
        text = f"{', '.join(changed)} differs from what was applied here."
        return [wrong(check, text, "Run the release that this database belongs to, or restore the database.")]
    if lacking := await migration.pending(connection, series):
        return [wrong(check, f"The database lacks {', '.join(lacking)}.", "Run  migrate  with this program.")]
    if beyond := await migration.beyond(connection, series):
        text = f"The database is newer than this program: it has {', '.join(beyond)}."
        return [concern(check, text, "Fine while a roll-out is under way; else bring this program to that release.")]
    return [well(check, "the database is at this program's migrations")]


def _clock(skew: float) -> list[Diagnosis]:
    text = f"This machine's clock is {skew:.1f} s ahead of the database's."
    step = "Let both follow a time server (NTP)."
    if abs(skew) > WRONG_SECONDS:
        return [wrong("clock", text, step)]
    if abs(skew) > WARNED_SECONDS:
        return [concern("clock", text, step)]
    return [well("clock", "this machine's clock is the database's")]


SESSIONS = """
select count(*) as used, current_setting('max_connections')::integer as allowed
from pg_stat_activity
where backend_type = 'client backend'
"""


async def _sessions(connection: Connection) -> list[Diagnosis]:
    row = await connection.fetchrow(SESSIONS)
    if row is None or row["used"] < FULL * row["allowed"]:
        return []
    text = f"{row['used']} of {row['allowed']} connections of PostgreSQL are in use."
    step = "Raise max_connections, or lower DATABASE_CONNECTIONS times the number of replicas."
    return [concern("connections", text, step)]


BOOKS = """
select count(to_regclass(name)) = 4
from unnest(array['chassis.outbox', 'chassis.parked', 'chassis.gaps', 'chassis.exports']) as name
"""


async def _has_books(read: Read) -> bool:
    return await read.value(BOOKS)


OUTBOX = """
select count(*) as rows, count(refused) as refused,
       coalesce(extract(epoch from $1 - min(occurred_at)), 0)::float8 as age
from (select occurred_at, refused from chassis.outbox order by sequence limit 10000) as oldest
"""


async def _events(read: Read) -> list[Diagnosis]:
    row = await read.row(OUTBOX, read.now)
    parked = await parking.count(read)
    found = [] if row is None else list(_outbox(row["rows"], row["refused"], row["age"]))
    found += [
        wrong("gaps", f"Records are missing, and their partition stands still: {gap}.", "gaps list;  gaps accept ID")
        for _, gap in await gaps.list_open(read)
    ]
    if "dead" in parked:
        text = f"{parked['dead']['rows']} events are dead: nobody handles them any more."
        found.append(wrong("dead letters", text, f"dead list;  then replay or discard them ({RUNBOOK})"))
    if "waiting" in parked:
        rows, age = parked["waiting"]["rows"], parked["waiting"]["age"]
        text = f"{rows} events wait to be tried again, the oldest for {age:.0f} s."
        late = age > PARKED_SECONDS
        found.append(concern("parked", text, f"parked list  ({RUNBOOK})") if late else well("parked", text))
    if owed := await requests.failing(read):
        text = f"{owed} exports of people's data wait for this service's share, which could not be taken {FAILED}."
        found.append(wrong("exports", text, "Look in its log for  a share could not be exported, which names where."))
    return found or [well("events", "nothing waits in the outbox, nothing is parked or dead")]


def _outbox(rows: int, refused: int, age: float) -> Iterator[Diagnosis]:
    if refused:
        step = f"Look at the rows of chassis.outbox that say why they are refused ({RUNBOOK})."
        yield wrong("outbox", f"Kafka has refused {refused} events for good; each holds back its key.", step)
    if age > OUTBOX_SECONDS:
        text = f"{rows} events wait to be published, the oldest for {age:.0f} s."
        yield wrong("outbox", text, f"See below whether Kafka takes them, and whether a replica serves ({RUNBOOK}).")
