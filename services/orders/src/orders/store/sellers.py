"""This service's copy of the sellers and the public keys of their records."""

from collections.abc import Sequence

from chassis.db import Read, Tx
from contracts.accounts import Seller

from orders.domain.notice import Contact

PUT = """
with put_seller as (
  insert into sellers (tenant, seller, legal_name, address, vat_id, country, email, telephone, sequence)
  select $1, seller, legal_name, address, vat_id, country, email, telephone, $2
  from jsonb_to_recordset($3::jsonb) as copied
    (seller text, legal_name text, address text, vat_id text, country text, email text, telephone text)
  on conflict (tenant, seller) do update
  set legal_name = excluded.legal_name,
      address = excluded.address,
      vat_id = excluded.vat_id,
      country = excluded.country,
      email = excluded.email,
      telephone = excluded.telephone,
      sequence = excluded.sequence
  where sellers.sequence < excluded.sequence
)
insert into records_keys (tenant, seller, year, key_id, public_key)
select $1, seller, year, key_id, public_key
from unnest($4::text[], $5::integer[], $6::uuid[], $7::bytea[]) as copied (seller, year, key_id, public_key)
on conflict (tenant, seller, year) do nothing
"""

OPEN_NUMBERS = """
select open_order_numbers($1, seller)
from unnest($2::text[]) as seller
"""


async def put(tx: Tx, tenant: str, sellers: Sequence[Seller], sequence: int) -> None:
    """Copy sellers, unless a later state is known; keys are only ever added, and so are sequences of order numbers."""
    keys = [(seller.seller, key.year, key.records) for seller in sellers for key in seller.records_keys]
    await tx.execute(
        PUT,
        tenant,
        sequence,
        "[" + ",".join(seller.model_dump_json(exclude={"records_keys"}) for seller in sellers) + "]",
        [seller for seller, _, _ in keys],
        [year for _, year, _ in keys],
        [key.key for _, _, key in keys],
        [key.public for _, _, key in keys],
    )
    await tx.execute(OPEN_NUMBERS, tenant, [seller.seller for seller in sellers])


CONTACT = """
select legal_name, address, coalesce(telephone, '') as telephone, coalesce(email, '') as email
from sellers
where tenant = $1
  and seller = $2
"""


async def contact(read: Read, tenant: str, seller: str) -> Contact | None:
    """Return where a seller's customers withdraw; None where there is no such seller."""
    row = await read.row(CONTACT, tenant, seller)
    return None if row is None else Contact(**dict(row))
