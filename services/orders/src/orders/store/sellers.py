"""This service's copy of the sellers and the public keys of their records."""

from datetime import date

from chassis.database import Tx
from contracts.accounts import Seller
from contracts.event import SubjectKey
from contracts.orders import LegalSeller

PUT = """
insert into sellers (tenant, seller, legal_name, address, vat_id, country, sequence)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant, seller) do update
set legal_name = excluded.legal_name,
    address = excluded.address,
    vat_id = excluded.vat_id,
    country = excluded.country,
    sequence = excluded.sequence
where sellers.sequence < excluded.sequence
returning seller
"""

PUT_KEYS = """
insert into records_keys (tenant, seller, year, key, public)
select $1, $2, year, key, public
from unnest($3::integer[], $4::uuid[], $5::bytea[]) as said (year, key, public)
on conflict (tenant, seller, year) do nothing
"""

LEGAL = """
select legal_name, address, vat_id
from sellers
where tenant = $1
  and seller = $2
"""

RECORDS_KEY = """
select key, public
from records_keys
where tenant = $1
  and seller = $2
  and year = $3
"""

TAX_RATE = """
select rate
from tax_rates
where country = $1
  and tax_class = $2
  and valid_from <= $3
order by valid_from desc
limit 1
"""


async def put(tx: Tx, tenant: str, seller: Seller, sequence: int) -> None:
    """Copy a seller, unless a later state is known; keys are only ever added."""
    facts = (seller.legal_name, seller.address, seller.vat_id, seller.country)
    await tx.value(PUT, tenant, seller.seller, *facts, sequence)
    keys = seller.records_keys
    await tx.execute(
        PUT_KEYS,
        tenant,
        seller.seller,
        [key.year for key in keys],
        [key.records.key for key in keys],
        [key.records.public for key in keys],
    )


async def legal(tx: Tx, tenant: str, seller: str) -> LegalSeller | None:
    """The seller as printed on an order."""
    row = await tx.row(LEGAL, tenant, seller)
    return None if row is None else LegalSeller(**dict(row))


async def records_key(tx: Tx, tenant: str, seller: str, year: int) -> SubjectKey | None:
    """The key to which a seller's records of this year are sealed."""
    row = await tx.row(RECORDS_KEY, tenant, seller, year)
    return None if row is None else SubjectKey(**dict(row))


async def tax_rate(tx: Tx, country: str, tax_class: str, day: date) -> int | None:
    """The VAT rate in basis points."""
    return await tx.value(TAX_RATE, country, tax_class, day)
