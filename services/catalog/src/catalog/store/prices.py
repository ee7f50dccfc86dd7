"""All prices that ever were; rows are added and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx

from catalog.domain.assortment import RRP
from catalog.domain.money import Price, Series
from catalog.domain.product import Product


@dataclass(frozen=True, slots=True)
class RecordedPrice:
    """A price as it was recorded; `channel` is empty for a recommended one."""

    id: UUID
    sku: str
    channel: str
    currency: str
    amount: int
    valid_from: datetime


HISTORY = """
select sku, channel, amount, currency, valid_from
from prices
where tenant = $1
  and sku = any($2::text[])
order by sku, channel, currency, valid_from
"""


async def history(read: Read, tenant: str, skus: Sequence[str]) -> dict[tuple[str, str], Series]:
    """Return every price ever recorded, by SKU and channel; the recommended ones under the channel ''."""
    found: dict[tuple[str, str], list[Price]] = {}
    for row in await read.fetch(HISTORY, tenant, skus):
        price = Price(row["amount"], row["currency"], row["valid_from"])
        found.setdefault((row["sku"], row["channel"]), []).append(price)
    return {key: tuple(prices) for key, prices in found.items()}


ADD = """
insert into prices (tenant, sku, channel, currency, valid_from, amount)
select $1, added.sku, added.channel, added.currency, added.valid_from, added.amount
from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[])
  as added (sku, channel, currency, valid_from, amount)
on conflict (tenant, sku, channel, currency, valid_from) do nothing
"""


async def add(tx: Tx, tenant: str, product: Product) -> None:
    """Record the prices of a product; those that are recorded stay as they are."""
    series = [(variant.sku, RRP, variant.rrp) for variant in product.variants]
    series += [(v.sku, listing.channel, listing.prices) for v in product.variants for listing in v.listings]
    rows = [
        (sku, channel, price.currency, price.valid_from, price.amount)
        for sku, channel, prices in series
        for price in prices
    ]
    await tx.execute(ADD, tenant, *map(list, zip(*rows, strict=True)))


IN_FORCE = """
select id
from prices
where tenant = $1
  and sku = $2
  and channel = $3
  and currency = $4
  and valid_from <= $5
order by valid_from desc
limit 1
"""


async def in_force(read: Read, tenant: str, sku: str, channel: str, currency: str, at: datetime) -> UUID | None:
    """Return the id of the price in force at a moment, None where there is none."""
    return await read.value(IN_FORCE, tenant, sku, channel, currency, at)


FIND = """
select id, sku, channel, currency, amount, valid_from
from prices
where tenant = $1
  and id = $2
"""


async def find(read: Read, tenant: str, price_id: UUID) -> RecordedPrice | None:
    """Return a price by its id."""
    row = await read.row(FIND, tenant, price_id)
    return None if row is None else RecordedPrice(**dict(row))
