"""The blind index of the words of companies and names on orders."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from chassis.db import Read, Tx


class Word(NamedTuple):
    """A word on an order, as a keyed hash."""

    word_hmac: bytes
    order_id: UUID
    customer_id: UUID


ADD = """
insert into order_words (tenant, word_hmac, order_id, customer_id)
select $1, word_hmac, order_id, customer_id
from unnest($2::bytea[], $3::uuid[], $4::uuid[]) as added (word_hmac, order_id, customer_id)
on conflict do nothing
"""


async def add(tx: Tx, tenant: str, words: Sequence[Word]) -> int:
    """Let orders be found by these words; safe to repeat. Returns how many words are new."""
    hmacs, orders, customers = zip(*words, strict=True) if words else ((), (), ())
    return await tx.execute(ADD, tenant, list(hmacs), list(orders), list(customers))


FIND = """
with found as (
  select order_id, customer_id
  from order_words
  where tenant = $1
    and word_hmac = any($2::bytea[])
  group by order_id, customer_id
  having count(*) = cardinality($2::bytea[])
), of_customers as (
  select customer_id, (array_agg(order_id order by order_id desc))[1:$4] as order_ids
  from found
  group by customer_id
)
select customer_id, order_ids
from of_customers
order by order_ids[1] desc
limit $3
"""


async def find(read: Read, tenant: str, word_hmacs: list[bytes], limit: int, orders: int) -> dict[UUID, list[UUID]]:
    """Return customers on whose orders all these words are, with their latest of them, the latest first."""
    rows = await read.fetch(FIND, tenant, word_hmacs, limit, orders)
    return {row["customer_id"]: row["order_ids"] for row in rows}
