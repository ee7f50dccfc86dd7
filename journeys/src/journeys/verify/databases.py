"""Read the databases: one read-only transaction each, as they were at one moment."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from journeys.verify.scratch import Scratch
from journeys.verify.tables import ADDRESS, COPIES, Copy

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = Any  # asyncpg is generic for type checkers only

Connections = Mapping[str, Connection]
BATCH = 5000

INBOX = """
select source, id
from chassis.inbox
"""

WAITING = """
select 'parked', topic || ' ' || partition || '/' || record_offset, state || ': ' || reason
from chassis.parked
union all
select 'outbox', type || ' ' || id, coalesce(refused, 'not sent')
from chassis.outbox
"""

COLUMNS = """
select c.table_schema, c.table_name, c.column_name, c.data_type
from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where t.table_type = 'BASE TABLE'
  and c.table_schema in ('public', 'chassis')
  and (c.data_type in ('text', 'jsonb', 'bytea', 'character varying', 'json') or c.udt_name in ('_text', '_jsonb'))
order by 1, 2, 3
"""

# In hashes and boxes a shorter one is chance: of some 30,000 digests one held `x@y.zz`.
ADDRESS_IN_BYTES = r"[A-Za-z0-9._%+\-]{3,}@[A-Za-z0-9\-]{3,}(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"


@asynccontextmanager
async def reading(databases: Mapping[str, str]) -> AsyncGenerator[Connections]:
    """Yield a connection to each database, in a read-only transaction that sees one moment."""
    async with AsyncExitStack() as stack:
        connections: dict[str, Connection] = {}
        for service, url in databases.items():
            connection = await asyncpg.connect(url)
            stack.push_async_callback(connection.close)
            await stack.enter_async_context(connection.transaction(isolation="repeatable_read", readonly=True))
            connections[service] = connection
        yield connections


async def tenants(databases: Mapping[str, str]) -> list[str]:
    """Return the tenants that were opened."""
    async with reading({"accounts": databases["accounts"]}) as connections:
        return [row["id"] for row in await connections["accounts"].fetch("select id from tenants order by id")]


async def copy_tables(connections: Connections, scratch: Scratch, tenant: str | None) -> None:
    """Copy the tables that invariants ask about."""
    for copy in COPIES:
        await _copy(connections[copy.service], copy, scratch, tenant)
    for service, connection in connections.items():
        async for rows in _batches(connection, INBOX):
            scratch.put("inbox", ((service, *map(_plain, row)) for row in rows), 3)
        async for rows in _batches(connection, WAITING):
            scratch.put("waiting", ((service, f"{row[0]} {row[1]}", row[2]) for row in rows), 3)


async def find_addresses(connections: Connections, scratch: Scratch) -> None:
    """Copy the e-mail addresses in every text of every table, bytes included."""
    for service, connection in connections.items():
        tables: dict[tuple[str, str, str], list[str]] = {}
        for schema, table, column, kind in await connection.fetch(COLUMNS):
            # bytes that are no letters become blanks, for as \\ooo they would lend their digits to an address
            unprintable = f"""regexp_replace(encode("{column}", 'escape'), '\\\\[0-7]{{3}}', ' ', 'g')"""
            text, pattern = (unprintable, ADDRESS_IN_BYTES) if kind == "bytea" else (f'"{column}"::text', ADDRESS)
            tables.setdefault((schema, table, pattern), []).append(text)
        for (schema, table, pattern), texts in tables.items():
            query = f"""
                select distinct found[1]
                from "{schema}"."{table}", regexp_matches(concat_ws(' ', {", ".join(texts)}), $1, 'g') as found
            """
            async for rows in _batches(connection, query, f"({pattern})"):
                scratch.put("addresses", ((f"{service}.{table}", row[0]) for row in rows), 2)


async def _copy(connection: Connection, copy: Copy, scratch: Scratch, tenant: str | None) -> None:
    statement = await connection.prepare(copy.query)
    columns = [attribute.name for attribute in statement.get_attributes()]
    scratch.make(copy.table, columns)
    async for rows in _batches(connection, copy.query, tenant):
        scratch.put(copy.table, (tuple(map(_plain, row)) for row in rows), len(columns))


async def _batches(connection: Connection, query: str, *values: Any) -> AsyncGenerator[list[asyncpg.Record]]:
    cursor = await connection.cursor(query, *values)
    while rows := await cursor.fetch(BATCH):
        yield rows


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.timestamp()
    return value
