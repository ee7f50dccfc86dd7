"""Shops and their addresses."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import asyncpg
import orjson
from chassis.db import Read, Tx

from storefront.domain.shop import Brand, Shop

COLUMNS = """
select s.id, s.tenant, s.channel, s.brand, array(select host from hosts h where h.shop_id = s.id order by rank) as hosts
from shops s"""
AT = f"{COLUMNS} join hosts a on a.shop_id = s.id where a.host = $1 and s.state = 'open'"


async def at(read: Read, host: str) -> Shop | None:
    """Return the open shop at an address."""
    row = await read.row(AT, host)
    return _shop(row) if row else None


LOCK = "select 1 from shops where id = $1 for update"
OPEN = f"{COLUMNS} where s.id = $1 and s.state = 'open'"


async def lock(tx: Tx, shop_id: str) -> Shop | None:
    """Return an open shop, which nobody else changes until the transaction ends."""
    await tx.execute(LOCK, shop_id)
    row = await tx.row(OPEN, shop_id)
    return _shop(row) if row else None


ALL = f"{COLUMNS} where s.state = 'open' order by s.id"


async def all_open(read: Read) -> Sequence[Shop]:
    """Return all open shops."""
    return [_shop(row) for row in await read.fetch(ALL)]


TAKEN = "select host from hosts where host = any($1::text[]) and shop_id <> $2"


async def taken(read: Read, shop: Shop) -> str | None:
    """Return an address of the shop that another has."""
    return await read.value(TAKEN, list(shop.hosts), shop.id)


PUT = """
insert into shops (id, tenant, channel, state, brand) values ($1, $2, $3, 'open', $4)
on conflict (id) do update
set tenant = excluded.tenant, channel = excluded.channel, state = 'open', brand = excluded.brand"""
LEAVE = "delete from hosts where shop_id = $1 and host <> all($2::text[])"
HOSTS = """
insert into hosts (host, shop_id, rank)
select host, $1, rank from unnest($2::text[]) with ordinality as given (host, rank)
on conflict (host) do update set rank = excluded.rank"""


async def put(tx: Tx, shop: Shop) -> None:
    """Open a shop, or change it."""
    await tx.execute(PUT, shop.id, shop.tenant, shop.channel, orjson.dumps(asdict(shop.brand)).decode())
    await tx.execute(LEAVE, shop.id, list(shop.hosts))
    await tx.execute(HOSTS, shop.id, list(shop.hosts))


CLOSE = "update shops set state = 'closed' where id = $1"
FREE = "delete from hosts where shop_id = $1"


async def close(tx: Tx, shop_id: str) -> None:
    """Close a shop, whose addresses others may have then."""
    await tx.execute(FREE, shop_id)
    await tx.execute(CLOSE, shop_id)


def _shop(row: asyncpg.Record) -> Shop:
    brand: dict[str, Any] = orjson.loads(row["brand"])
    return Shop(row["id"], row["tenant"], row["channel"], tuple(row["hosts"]), Brand(**brand))
