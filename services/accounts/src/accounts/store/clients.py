"""The copy of the shops whose customers sign in here."""

from typing import Any

import asyncpg
import orjson
from chassis.db import Read, Tx

from accounts.domain.authorization import Brand, Client

PUT = """
insert into clients (id, tenant, sequence, is_open, hosts, brand)
values ($1, $2, $3, $4, $5, $6)
on conflict (id) do update
set tenant = excluded.tenant,
    sequence = excluded.sequence,
    is_open = excluded.is_open,
    hosts = excluded.hosts,
    brand = excluded.brand
where clients.sequence < excluded.sequence
"""


async def put(tx: Tx, client: Client, sequence: int) -> None:
    """Keep a shop as it is open now, unless something newer is known of it."""
    brand = {
        "name": client.brand.name,
        "color": client.brand.color,
        "tagline": dict(client.brand.tagline),
        "imprint": dict(client.brand.imprint),
        "contact": client.brand.contact,
        "texts": list(client.brand.texts),
    }
    text = orjson.dumps(brand).decode()
    await tx.execute(PUT, client.id, client.tenant, sequence, True, list(client.hosts), text)


async def close(tx: Tx, tenant: str, client_id: str, sequence: int) -> None:
    """Know a shop as closed, unless something newer is known of it."""
    await tx.execute(PUT, client_id, tenant, sequence, False, [], "{}")


FIND = """
select id, tenant, hosts, brand
from clients
where id = $1
  and is_open
"""


async def find(read: Read, client_id: str) -> Client | None:
    """Return an open shop."""
    row = await read.row(FIND, client_id)
    return _client(row) if row else None


ALL_HOSTS = """
select distinct unnest(hosts) as host
from clients
where is_open
"""


async def all_hosts(read: Read) -> list[str]:
    """Return the hosts of all open shops."""
    return [row["host"] for row in await read.fetch(ALL_HOSTS)]


def _client(row: asyncpg.Record) -> Client:
    brand: dict[str, Any] = orjson.loads(row["brand"])
    return Client(row["id"], row["tenant"], tuple(row["hosts"]), Brand(**brand))
