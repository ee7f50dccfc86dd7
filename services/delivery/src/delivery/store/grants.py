"""Grants and their links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx

from delivery.domain.files import File
from delivery.domain.grants import Grant

ADD = """
insert into grants
  (tenant, grant_id, order_id, line, sku, units, token_hash, token, granted_at, valid_until, download_limit)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""

CHANGE = """
update grants
set units = $3, valid_until = $4, download_limit = $5, revoked_at = $6, reason = $7, version = version + 1
where tenant = $1
  and grant_id = $2
"""

REPLACE_LINK = """
update grants
set token_hash = $3, token = $4, link_number = link_number + 1, version = version + 1
where tenant = $1
  and grant_id = $2
"""

COLUMNS = """
       grants.tenant, grants.grant_id, grants.order_id, grants.line, grants.sku, lines.name, grants.units,
       grants.token, grants.link_number, grants.granted_at, grants.valid_until, grants.download_limit,
       grants.revoked_at, grants.reason, grants.version, orders.customer, orders.language, orders.order_number
"""

JOINED = """
from grants
join lines on lines.tenant = grants.tenant and lines.line = grants.line
join orders on orders.tenant = grants.tenant and orders.order_id = grants.order_id
"""

SELECT = f"""
select {COLUMNS}
{JOINED}
"""

FIND = (
    SELECT
    + """
where grants.tenant = $1
  and grants.grant_id = $2
"""
)

LOCK = FIND + "for update of grants"

LOCK_LINK = """
select
from grants
where token_hash = $1
for update
"""

OF_ORDER = (
    SELECT
    + """
where grants.tenant = $1
  and grants.order_id = $2
order by grants.line
"""
)

OF_CUSTOMER = (
    SELECT
    + """
where grants.tenant = $1
  and orders.customer = $2
  and ($3::timestamptz is null or (grants.granted_at, grants.grant_id) < ($3, $4))
order by grants.granted_at desc, grants.grant_id desc
limit $5
"""
)

# A session holds one of the count while it is complete, young, or has a connection open.
USED = """
       (
         select count(*)
         from sessions
         where sessions.tenant = grants.tenant
           and sessions.grant_id = grants.grant_id
           and sessions.file = files.file
           and (
             sessions.completed_at is not null
             or sessions.expires_at > $1
             or exists(
               select 1
               from transfers
               where transfers.tenant = sessions.tenant
                 and transfers.session = sessions.session
                 and transfers.seen_at > clock_timestamp() - interval '10 seconds'
             )
           )
       )
"""

FILE = """
       files.file, files.sku, files.version, files.name, files.media_type, files.size, files.sha256, files.released_at
"""

FILES = f"""
select grants.grant_id, {FILE}, {USED} as used
from grants
join files on files.tenant = grants.tenant and files.sku = grants.sku
where grants.tenant = $2
  and grants.grant_id = any($3::uuid[])
order by files.name
"""  # noqa: S608 -- made of parts of this file

BY_TOKEN = f"""
select {COLUMNS},
       array(
         select row({FILE}, {USED})
         from files
         where files.tenant = grants.tenant
           and files.sku = grants.sku
         order by files.name
       ) as files
{JOINED}
where grants.token_hash = $2
"""  # noqa: S608 -- made of parts of this file


@dataclass(frozen=True, slots=True)
class New:
    """A grant to be kept: the hash of its secret, and the secret's sealed box as text."""

    grant: Grant
    line: UUID
    sku: str
    token_hash: bytes
    token: str
    download_limit: int


@dataclass(frozen=True, slots=True)
class Link:
    """A grant with whose it is and what it is for; `token` is the secret's sealed box as text."""

    tenant: str
    grant: Grant
    order: UUID
    order_number: str
    line: UUID
    sku: str
    name: str
    token: str
    link_number: int
    granted_at: datetime
    download_limit: int
    customer: UUID
    language: str
    version: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A file of a grant, and how many of its downloads are used or reserved."""

    file: File
    used: int


async def add(tx: Tx, tenant: str, order: UUID, grants: Sequence[New]) -> None:
    """Keep new grants."""
    await tx.many(
        ADD,
        [
            (
                tenant,
                new.grant.grant,
                order,
                new.line,
                new.sku,
                sorted(new.grant.units),
                new.token_hash,
                new.token,
                tx.now,
                new.grant.valid_until,
                new.download_limit,
            )
            for new in grants
        ],
    )


async def change(tx: Tx, tenant: str, grant: Grant, download_limit: int) -> None:
    """Keep what has become of a grant."""
    facts = (sorted(grant.units), grant.valid_until, download_limit, grant.revoked_at, grant.reason)
    await tx.execute(CHANGE, tenant, grant.grant, *facts)


async def set_token(tx: Tx, tenant: str, grant: UUID, token_hash: bytes, box: str) -> None:
    """Give a grant another link; the one before is dead."""
    await tx.execute(REPLACE_LINK, tenant, grant, token_hash, box)


async def find(tx: Tx, tenant: str, grant: UUID) -> Link | None:
    """A grant, for reading."""
    return _link(await tx.row(FIND, tenant, grant))


async def lock(tx: Tx, tenant: str, grant: UUID) -> Link | None:
    """A grant that nobody else changes or counts meanwhile."""
    return _link(await tx.row(LOCK, tenant, grant))


async def by_token(tx: Tx, token_hash: bytes) -> tuple[Link, list[Counted]] | None:
    """The grant of a link with its files; the link is all its bearer has, so that this look-up tells the tenant."""
    row = await tx.row(BY_TOKEN, tx.now, token_hash)
    link = _link(row)
    if row is None or link is None:
        return None
    return link, [Counted(File(*facts), used) for *facts, used in row["files"]]


async def lock_link(tx: Tx, token_hash: bytes) -> None:
    """Let nobody else change or count the grant of a link meanwhile."""
    await tx.row(LOCK_LINK, token_hash)


async def of_order(tx: Tx, tenant: str, order: UUID) -> list[Link]:
    """The grants of an order."""
    return [link for row in await tx.fetch(OF_ORDER, tenant, order) if (link := _link(row))]


async def of_customer(
    tx: Tx, tenant: str, customer: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[Link]:
    """The grants of a customer, newest first, behind the given place."""
    rows = await tx.fetch(OF_CUSTOMER, tenant, customer, *(after or (None, None)), limit)
    return [link for row in rows if (link := _link(row))]


async def files(tx: Tx, tenant: str, grants: Sequence[UUID]) -> dict[UUID, list[Counted]]:
    """The files of grants as they are now, with how many of their downloads are taken."""
    found: dict[UUID, list[Counted]] = {grant: [] for grant in grants}
    for row in await tx.fetch(FILES, tx.now, tenant, grants):
        facts = dict(row)
        grant, used = facts.pop("grant_id"), facts.pop("used")
        found[grant].append(Counted(File(**facts), used))
    return found


def _link(row: Any) -> Link | None:
    if row is None:
        return None
    grant = Grant(row["grant_id"], frozenset(row["units"]), row["valid_until"], row["revoked_at"], row["reason"])
    return Link(
        tenant=row["tenant"],
        grant=grant,
        order=row["order_id"],
        order_number=row["order_number"],
        line=row["line"],
        sku=row["sku"],
        name=row["name"],
        token=row["token"],
        link_number=row["link_number"],
        granted_at=row["granted_at"],
        download_limit=row["download_limit"],
        customer=row["customer"],
        language=row["language"],
        version=row["version"],
    )
