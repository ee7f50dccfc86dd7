"""Tenants, their sellers, and the keys of their blind indexes."""

from uuid import UUID

import orjson
from chassis.db import Read, Tx

from accounts.domain.tenant import Seller, Tenant

IDS = """
select id
from tenants
order by id
"""


async def ids(read: Read) -> list[str]:
    """Return the ids of all tenants."""
    return [row["id"] for row in await read.fetch(IDS)]


LOCK = """
select pg_advisory_xact_lock(hashtextextended('tenant ' || $1, 0))
"""


async def lock(tx: Tx, tenant: str) -> None:
    """Let nobody else open or change this tenant before the transaction ends."""
    await tx.execute(LOCK, tenant)


FIND = """
select name, index_key_id, wrapped_index_key
from tenants
where id = $1
"""

SELLERS = """
select id, legal_name, address, vat_id, country, iban, bic, payee, email, telephone
from sellers
where tenant = $1
order by position
"""


async def find(read: Read, tenant: str) -> Tenant | None:
    """Return the tenant and its sellers, in the order of its file; None where there is no such tenant."""
    row = await read.row(FIND, tenant)
    if row is None:
        return None
    return Tenant(tenant, row["name"], tuple(Seller(**dict(seller)) for seller in await read.fetch(SELLERS, tenant)))


async def index_key(read: Read, tenant: str) -> tuple[UUID, bytes] | None:
    """Return the id and the wrapped key of a tenant's blind indexes; None where there is no such tenant."""
    row = await read.row(FIND, tenant)
    return None if row is None else (row["index_key_id"], row["wrapped_index_key"])


ADD = """
insert into tenants (id, name, index_key_id, wrapped_index_key)
values ($1, $2, $3, $4)
"""


async def add(tx: Tx, tenant: Tenant, index_key_id: UUID, wrapped_index_key: bytes) -> None:
    """Add a new tenant."""
    await tx.execute(ADD, tenant.id, tenant.name, index_key_id, wrapped_index_key)
    await _put_sellers(tx, tenant)


RENAME = """
update tenants
set name = $2
where id = $1
"""


async def change(tx: Tx, tenant: Tenant) -> None:
    """Replace a tenant's name and sellers."""
    await tx.execute(RENAME, tenant.id, tenant.name)
    await _put_sellers(tx, tenant)


REMOVE_SELLERS = """
delete from sellers
where tenant = $1
"""

ADD_SELLERS = """
insert into sellers (tenant, id, position, legal_name, address, vat_id, country, iban, bic, payee, email, telephone)
select $1, seller ->> 'id', position, seller ->> 'legal_name', seller ->> 'address', seller ->> 'vat_id',
       seller ->> 'country', seller ->> 'iban', seller ->> 'bic', seller ->> 'payee',
       seller ->> 'email', seller ->> 'telephone'
from jsonb_array_elements($2::jsonb) with ordinality as added (seller, position)
"""


async def _put_sellers(tx: Tx, tenant: Tenant) -> None:
    await tx.execute(REMOVE_SELLERS, tenant.id)
    await tx.execute(ADD_SELLERS, tenant.id, orjson.dumps(tenant.sellers).decode())


LACKING_YEAR = """
select distinct tenant
from sellers
where not exists (
  select 1
  from subject_keys
  where subject_keys.tenant = sellers.tenant
    and subject_keys.kind = 'records'
    and subject_keys.subject = sellers.id
    and subject_keys.year = $1
)
order by tenant
limit $2
"""


async def lacking_year(read: Read, year: int, limit: int) -> list[str]:
    """Return tenants of which a seller has no records key for this year."""
    return [row["tenant"] for row in await read.fetch(LACKING_YEAR, year, limit)]
