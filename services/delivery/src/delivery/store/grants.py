"""Grants and their links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from chassis.db import Read, Tx

from delivery.domain.files import File
from delivery.domain.grants import FileUse, Grant
from delivery.domain.orders import Order
from delivery.domain.sessions import MOST_SERVED
from delivery.store import files, orders, transfers

COLUMNS = f"""
       grants.id as grant_id, grants.line_id, grants.sku, grants.unit_ids, grants.token_hash, grants.sealed_token,
       grants.link_number, grants.granted_at, grants.valid_until, grants.download_limit, grants.revoked_at,
       grants.reason, grants.version as grant_version, {orders.SUSPENDED} as suspended
"""


@dataclass(frozen=True, slots=True)
class Link:
    """A grant with whose it is, and what it is for: the article's name when it was bought."""

    order: Order
    name: str
    grant: Grant


SAVE = """
insert into grants
  (tenant, id, order_id, line_id, sku, unit_ids, token_hash, sealed_token, link_number, granted_at, valid_until,
   download_limit, revoked_at, reason)
select tenant, id, order_id, line_id, sku, unit_ids, decode(token_hash, 'hex'), sealed_token, link_number, granted_at,
       valid_until, download_limit, revoked_at, reason
from jsonb_to_recordset($1::jsonb) as saved
  (tenant text, id uuid, order_id uuid, line_id uuid, sku text, unit_ids uuid[], token_hash text, sealed_token text,
   link_number integer, granted_at timestamptz, valid_until timestamptz, download_limit integer,
   revoked_at timestamptz, reason text)
on conflict (tenant, id) do update
set unit_ids = excluded.unit_ids,
    token_hash = excluded.token_hash,
    sealed_token = excluded.sealed_token,
    link_number = excluded.link_number,
    valid_until = excluded.valid_until,
    download_limit = excluded.download_limit,
    revoked_at = excluded.revoked_at,
    reason = excluded.reason,
    version = grants.version + 1
"""
AS_THEY_ARE = ("id", "line_id", "sku", "sealed_token", "link_number", "granted_at", "valid_until", "download_limit")


async def save(tx: Tx, grants: Sequence[tuple[Order, Grant]]) -> None:
    """Add or change grants of orders that are locked."""
    if not grants:
        return
    rows = [
        {
            "tenant": order.tenant,
            "order_id": order.id,
            **{name: getattr(grant, name) for name in AS_THEY_ARE},
            "unit_ids": sorted(grant.unit_ids),
            "token_hash": grant.token_hash.hex(),
            "revoked_at": grant.revoked_at,
            "reason": grant.reason,
        }
        for order, grant in grants
    ]
    await tx.execute(SAVE, orjson.dumps(rows, default=str).decode())


SELECT = f"""
select {orders.COLUMNS}, {COLUMNS}, lines.name
from grants
join lines on lines.tenant = grants.tenant and lines.id = grants.line_id
join orders on orders.tenant = grants.tenant and orders.id = grants.order_id
"""  # noqa: S608 -- made of parts of statements

FIND = f"""
{SELECT}
where grants.tenant = $1
  and grants.id = $2
"""


async def find(read: Read, tenant: str, grant_id: UUID) -> Link | None:
    """Return a grant."""
    row = await read.row(FIND, tenant, grant_id)
    return None if row is None else _link(row)


OF_ORDER = f"""
{SELECT}
where grants.tenant = $1
  and grants.order_id = $2
order by grants.line_id
"""


async def of_order(read: Read, tenant: str, order_id: UUID) -> list[Link]:
    """Return the grants of an order."""
    return [_link(row) for row in await read.fetch(OF_ORDER, tenant, order_id)]


OF_ORGANISATION = f"""
{SELECT}
where grants.tenant = $1
  and orders.organisation_id = $2
  and ($3::timestamptz is null or (grants.granted_at, grants.id) < ($3, $4))
order by grants.granted_at desc, grants.id desc
limit $5
"""


async def of_organisation(
    read: Read, tenant: str, organisation_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[Link]:
    """Return the grants of all that was bought for an organisation, newest first, behind the given position."""
    rows = await read.fetch(OF_ORGANISATION, tenant, organisation_id, *(after or (None, None)), limit)
    return [_link(row) for row in rows]


OF_CUSTOMER = f"""
{SELECT}
where grants.tenant = $1
  and orders.customer_id = $2
  and ($3::timestamptz is null or (grants.granted_at, grants.id) < ($3, $4))
order by grants.granted_at desc, grants.id desc
limit $5
"""


async def of_customer(
    read: Read, tenant: str, customer_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[Link]:
    """Return the grants of a customer, newest first, behind the given position."""
    rows = await read.fetch(OF_CUSTOMER, tenant, customer_id, *(after or (None, None)), limit)
    return [_link(row) for row in rows]


# A session holds one of the count while it is complete, young, or has a connection open. What the others were served
# counts as far as it is more than the file: who never takes the last byte downloads it no more often than others.
# Those that the link goes on with do not count: not begun, or begun by an earlier link and not finished.
USES = f"""
cross join lateral (
  select (count(*) filter (where held and not unfinished)
          + greatest(ceil(sum(served::numeric / size) filter (where not held)) - 1, 0))::integer as used,
         (array_agg(id order by started_at desc nulls last) filter (where unfinished))[1] as unfinished
  from (
    select sessions.id, sessions.served, sessions.size, sessions.started_at,
           sessions.completed_at is not null
           or sessions.expires_at > $1
           or {transfers.RUNNING} as held,
           sessions.completed_at is null
           and sessions.expires_at > $1
           and sessions.served < sessions.size * {MOST_SERVED}
           and (sessions.started_at is null or sessions.link_number < grants.link_number) as unfinished
    from sessions
    where sessions.tenant = grants.tenant
      and sessions.grant_id = grants.id
      and sessions.file_id = files.id
  ) as downloads
) as uses
"""  # noqa: S608 -- a number of our own

FILE_USES = f"""
select grants.id as grant_id, row({files.COLUMNS}) as file, uses.used, uses.unfinished
from grants
join files on files.tenant = grants.tenant and files.sku = grants.sku and {files.KEPT}
{USES}
where grants.tenant = $2
  and grants.id = any($3::uuid[])
order by files.name
"""  # noqa: S608 -- made of parts of statements


async def file_uses(read: Read, tenant: str, grant_ids: Sequence[UUID]) -> dict[UUID, list[FileUse]]:
    """Return the files of grants as they are now, with how many of their downloads are taken."""
    found: dict[UUID, list[FileUse]] = {grant_id: [] for grant_id in grant_ids}
    for row in await read.fetch(FILE_USES, read.now, tenant, grant_ids):
        found[row["grant_id"]].append(FileUse(File(*row["file"]), row["used"], row["unfinished"]))
    return found


BY_TOKEN = f"""
select {orders.COLUMNS}, {COLUMNS}, lines.name,
       array(
         select row({files.COLUMNS}, uses.used, uses.unfinished)
         from files
         {USES}
         where files.tenant = grants.tenant
           and files.sku = grants.sku
           and {files.KEPT}
         order by files.name
       ) as files
from grants
join lines on lines.tenant = grants.tenant and lines.id = grants.line_id
join orders on orders.tenant = grants.tenant and orders.id = grants.order_id
where grants.token_hash = $2
"""  # noqa: S608 -- made of parts of statements


async def by_token(read: Read, token_hash: bytes) -> tuple[Link, list[FileUse]] | None:
    """Return the grant of a link with its files; the link is all its bearer has, so that this tells the tenant."""
    row = await read.row(BY_TOKEN, read.now, token_hash)
    if row is None:
        return None
    return _link(row), [FileUse(File(*facts), used, unfinished) for *facts, used, unfinished in row["files"]]


LOCK = """
select
from grants
where tenant = $1
  and id = any($2::uuid[])
order by id
for update
"""


async def lock(tx: Tx, tenant: str, grant_ids: Sequence[UUID]) -> None:
    """Let nobody else change or count these grants before the transaction ends."""
    await tx.execute(LOCK, tenant, grant_ids)


LOCK_LINK = """
select
from grants
where token_hash = $1
for update
"""


async def lock_link(tx: Tx, token_hash: bytes) -> None:
    """Let nobody else change or count the grant of a link before the transaction ends."""
    await tx.execute(LOCK_LINK, token_hash)


def grant_in(row: Any) -> Grant:
    """Return the grant in a row that has `COLUMNS` among others."""
    return Grant(
        id=row["grant_id"],
        line_id=row["line_id"],
        sku=row["sku"],
        unit_ids=frozenset(row["unit_ids"]),
        token_hash=row["token_hash"],
        sealed_token=row["sealed_token"],
        granted_at=row["granted_at"],
        valid_until=row["valid_until"],
        download_limit=row["download_limit"],
        link_number=row["link_number"],
        revoked_at=row["revoked_at"],
        reason=row["reason"],
        version=row["grant_version"],
        suspended=row["suspended"],
    )


def _link(row: Any) -> Link:
    return Link(orders.order_in(row), row["name"], grant_in(row))
