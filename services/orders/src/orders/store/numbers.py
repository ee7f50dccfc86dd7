"""The numbers of orders, of which each seller has its own."""

from chassis.db import Tx

BEYOND = """
select setval(sequence, greatest(coalesce(pg_sequence_last_value(sequence), 0), $3))
from (select order_numbers_of($1, $2)::regclass as sequence) as of_seller
"""


async def go_on_beyond(tx: Tx, tenant: str, seller: str, number: int) -> None:
    """Give a seller's next order a number beyond this one."""
    await tx.value(BEYOND, tenant, seller, number)
