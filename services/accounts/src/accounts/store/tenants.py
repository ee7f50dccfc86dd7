"""Tenants, their sellers, and the secret of their blind indexes."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.db import Tx

from accounts.domain.tenant import Seller, Tenant

TURN = """
select pg_advisory_xact_lock(hashtextextended('tenant ' || $1, 0))
"""

ADD = """
insert into tenants (tenant, name, index_id, index_secret)
values ($1, $2, $3, $4)
"""

RENAME = """
update tenants
set name = $2
where tenant = $1
"""

FIND = """
select tenant, name, index_id, index_secret
from tenants
where tenant = $1
"""

SELLERS = """
select seller, legal_name, address, vat_id, country, iban, bic, payee
from sellers
where tenant = $1
order by place
"""

REMOVE_SELLERS = """
delete from sellers
where tenant = $1
"""

ADD_SELLER = """
insert into sellers (tenant, place, seller, legal_name, address, vat_id, country, iban, bic, payee)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

LACKING_YEAR = """
select distinct tenant
from sellers
where not exists (
  select 1
  from subject_keys
  where subject_keys.tenant = sellers.tenant
    and subject_keys.kind = 'records'
    and subject_keys.subject = sellers.seller
    and subject_keys.year = $1
)
order by tenant
limit 1
"""

ALL = """
select tenant
from tenants
order by tenant
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A tenant with the wrapped secret of its blind indexes."""

    tenant: Tenant
    index_id: UUID
    index_secret: bytes


async def names(tx: Tx) -> list[str]:
    """The tenants there are."""
    return [row["tenant"] for row in await tx.fetch(ALL)]


async def turn(tx: Tx, tenant: str) -> None:
    """Wait until nobody else changes this tenant."""
    await tx.execute(TURN, tenant)


async def find(tx: Tx, tenant: str) -> Known | None:
    """The tenant and its sellers, in the order of its file."""
    row = await tx.row(FIND, tenant)
    if row is None:
        return None
    sellers = tuple(Seller(**dict(seller)) for seller in await tx.fetch(SELLERS, tenant))
    return Known(Tenant(tenant, row["name"], sellers), row["index_id"], row["index_secret"])


async def index_secret(tx: Tx, tenant: str) -> tuple[UUID, bytes] | None:
    """The id and the wrapped secret of a tenant's blind indexes."""
    row = await tx.row(FIND, tenant)
    return None if row is None else (row["index_id"], row["index_secret"])


async def add(tx: Tx, tenant: Tenant, index_id: UUID, index_secret: bytes) -> None:
    """Keep a new tenant."""
    await tx.execute(ADD, tenant.tenant, tenant.name, index_id, index_secret)
    await _put_sellers(tx, tenant)


async def change(tx: Tx, tenant: Tenant) -> None:
    """Keep what a tenant is now."""
    await tx.execute(RENAME, tenant.tenant, tenant.name)
    await tx.execute(REMOVE_SELLERS, tenant.tenant)
    await _put_sellers(tx, tenant)


async def lacking_year(tx: Tx, year: int) -> str | None:
    """A tenant of which a seller has no records key for this year, of all tenants."""
    return await tx.value(LACKING_YEAR, year)


async def _put_sellers(tx: Tx, tenant: Tenant) -> None:
    rows: list[tuple[Any, ...]] = [
        (tenant.tenant, place, s.seller, s.legal_name, s.address, s.vat_id, s.country, s.iban, s.bic, s.payee)
        for place, s in enumerate(tenant.sellers)
    ]
    await tx.many(ADD_SELLER, rows)
