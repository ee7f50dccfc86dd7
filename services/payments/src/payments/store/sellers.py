"""This service's copy of the sellers' accounts and of the public keys of their records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.db import Read, Tx
from contracts.accounts import Seller
from contracts.event import SubjectKey


@dataclass(frozen=True, slots=True)
class Account:
    """A seller's bank account."""

    id: str
    iban: str
    bic: str
    payee: str


PUT = """
insert into sellers (tenant, id, iban, bic, payee, sequence)
values ($1, $2, $3, $4, $5, $6)
on conflict (tenant, id) do update
set iban = excluded.iban,
    bic = excluded.bic,
    payee = excluded.payee,
    sequence = excluded.sequence
where sellers.sequence < excluded.sequence
"""

PUT_ACCOUNT = """
insert into accounts (tenant, seller_id, iban, since, sequence)
values ($1, $2, $3, $4, $5)
on conflict (tenant, iban, seller_id) do update
set since = least(accounts.since, excluded.since), sequence = greatest(accounts.sequence, excluded.sequence)
"""

PUT_KEYS = """
insert into records_keys (tenant, seller_id, year, key_id, public_key)
select $1, $2, year, key_id, public_key
from unnest($3::integer[], $4::uuid[], $5::bytea[]) as named (year, key_id, public_key)
on conflict (tenant, seller_id, year) do nothing
"""


async def put(tx: Tx, tenant: str, seller: Seller, sequence: int, since: datetime) -> None:
    """Copy a seller's account, unless a later state is known; former accounts and keys stay known."""
    account = seller.bank_account
    iban = "".join(account.iban.split()).upper()
    await tx.execute(PUT, tenant, seller.seller, iban, account.bic, account.payee, sequence)
    await tx.execute(PUT_ACCOUNT, tenant, seller.seller, iban, since, sequence)
    years = [key.year for key in seller.records_keys]
    keys = [key.records for key in seller.records_keys]
    await tx.execute(PUT_KEYS, tenant, seller.seller, years, [key.key for key in keys], [key.public for key in keys])


FIND = """
select id, iban, bic, payee
from sellers
where tenant = $1
  and id = $2
"""


async def find(read: Read, tenant: str, seller_id: str) -> Account | None:
    """Return a seller's account."""
    row = await read.row(FIND, tenant, seller_id)
    return None if row is None else Account(**dict(row))


OF_IBANS = """
select distinct on (iban) iban, seller_id
from accounts
where tenant = $1
  and iban = any($2::text[])
order by iban, sequence desc, seller_id
"""


async def of_ibans(read: Read, tenant: str, ibans: Sequence[str]) -> dict[str, str]:
    """Return the sellers who have, or had, these accounts, by IBAN."""
    return {row["iban"]: row["seller_id"] for row in await read.fetch(OF_IBANS, tenant, ibans)}


RECORDS_KEYS = """
select year, key_id, public_key
from records_keys
where tenant = $1
  and seller_id = $2
"""


async def records_keys(read: Read, tenant: str, seller_id: str) -> dict[int, SubjectKey]:
    """Return the keys to which a seller's records are sealed, by calendar year."""
    rows = await read.fetch(RECORDS_KEYS, tenant, seller_id)
    return {row["year"]: SubjectKey(key=row["key_id"], public=row["public_key"]) for row in rows}
