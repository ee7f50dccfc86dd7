"""This service's copy of the sellers' accounts and of the public keys of their records."""

from dataclasses import dataclass

from chassis.db import Tx
from contracts.accounts import Seller
from contracts.event import SubjectKey

PUT = """
insert into sellers (tenant, seller, iban, bic, payee, sequence)
values ($1, $2, $3, $4, $5, $6)
on conflict (tenant, seller) do update
set iban = excluded.iban,
    bic = excluded.bic,
    payee = excluded.payee,
    sequence = excluded.sequence
where sellers.sequence < excluded.sequence
"""

PUT_KEYS = """
insert into records_keys (tenant, seller, year, key, public)
select $1, $2, year, key, public
from unnest($3::integer[], $4::uuid[], $5::bytea[]) as said (year, key, public)
on conflict (tenant, seller, year) do nothing
"""

FIND = """
select seller, iban, bic, payee
from sellers
where tenant = $1
  and seller = $2
"""

OF_ACCOUNT = """
select seller, iban, bic, payee
from sellers
where tenant = $1
  and iban = $2
order by seller
limit 1
"""

RECORDS_KEYS = """
select year, key, public
from records_keys
where tenant = $1
  and seller = $2
"""


@dataclass(frozen=True, slots=True)
class Account:
    """Where a seller's transfers arrive."""

    seller: str
    iban: str
    bic: str
    payee: str


async def put(tx: Tx, tenant: str, seller: Seller, sequence: int) -> None:
    """Copy a seller's account, unless a later state is known; keys are only ever added."""
    account = seller.bank_account
    iban = "".join(account.iban.split()).upper()
    await tx.execute(PUT, tenant, seller.seller, iban, account.bic, account.payee, sequence)
    keys = seller.records_keys
    await tx.execute(
        PUT_KEYS,
        tenant,
        seller.seller,
        [key.year for key in keys],
        [key.records.key for key in keys],
        [key.records.public for key in keys],
    )


async def find(tx: Tx, tenant: str, seller: str) -> Account | None:
    """A seller's account."""
    row = await tx.row(FIND, tenant, seller)
    return None if row is None else Account(**dict(row))


async def of_account(tx: Tx, tenant: str, iban: str) -> Account | None:
    """The seller with this account."""
    row = await tx.row(OF_ACCOUNT, tenant, iban)
    return None if row is None else Account(**dict(row))


async def records_keys(tx: Tx, tenant: str, seller: str) -> dict[int, SubjectKey]:
    """The keys to which a seller's records are sealed, by calendar year."""
    rows = await tx.fetch(RECORDS_KEYS, tenant, seller)
    return {row["year"]: SubjectKey(key=row["key"], public=row["public"]) for row in rows}
