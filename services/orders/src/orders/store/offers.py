"""This service's copy of what may be sold, and of the coupons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from chassis.db import Read, Tx
from contracts.catalog import CouponOffered, ProductPublished
from contracts.event import SubjectKey
from contracts.orders import LegalSeller

from orders.domain.offers import Coupon, Offer, Price, Uses


@dataclass(frozen=True, slots=True)
class Article:
    """An offer with its seller as printed, that one's country and records key of this year, and the VAT rate (bp)."""

    offer: Offer
    legal: LegalSeller | None
    seller_country: str
    records: SubjectKey | None
    tax_rate: int | None


ADVANCE = """
insert into products (tenant, id, sequence)
values ($1, $2, $3)
on conflict (tenant, id) do update
set sequence = excluded.sequence
where products.sequence < excluded.sequence
returning sequence
"""


async def advance(tx: Tx, tenant: str, product_id: UUID, sequence: int) -> bool:
    """Return whether this state of a product is newer than what is known, and remember it."""
    return await tx.value(ADVANCE, tenant, product_id, sequence) is not None


CLEAR = """
delete from offers
where tenant = $1
  and product_id = $2
"""


async def clear(tx: Tx, tenant: str, product_id: UUID) -> None:
    """Remove every offer of a product."""
    await tx.execute(CLEAR, tenant, product_id)


PUT = """
insert into offers
  (tenant, channel, sku, product_id, name, channel_kind, seller, fulfilment, tax_class, key_source, key_prefix,
   keys_per, link_validity_days, download_limit, sellable_from, sellable_until, markets, customer_types, rrp, prices,
   delivery_days, sequence)
select distinct on (offer ->> 'channel', variant ->> 'sku')
       $1, offer ->> 'channel', variant ->> 'sku', $2, edition ->> 'name', offer ->> 'channel_kind', offer ->> 'seller',
       variant ->> 'fulfilment', variant ->> 'tax_class', variant #>> '{license,key_source}',
       variant #>> '{license,key_prefix}', variant #>> '{license,keys_per}',
       (variant #>> '{delivery,link_validity_days}')::integer, (variant #>> '{delivery,download_limit}')::integer,
       (offer ->> 'sellable_from')::timestamptz, (offer ->> 'sellable_until')::timestamptz,
       array(select jsonb_array_elements_text(offer -> 'markets')),
       array(select jsonb_array_elements_text(offer -> 'customer_types')),
       variant -> 'rrp', offer -> 'prices', nullif(variant #> '{delivery,delivery_days}', 'null'), $3
from jsonb_array_elements($4::jsonb) as edition, jsonb_array_elements(edition -> 'variants') as variant,
     jsonb_array_elements(variant -> 'offers') as offer
on conflict (tenant, channel, sku) do update
set product_id = excluded.product_id,
    name = excluded.name,
    channel_kind = excluded.channel_kind,
    seller = excluded.seller,
    fulfilment = excluded.fulfilment,
    tax_class = excluded.tax_class,
    key_source = excluded.key_source,
    key_prefix = excluded.key_prefix,
    keys_per = excluded.keys_per,
    link_validity_days = excluded.link_validity_days,
    download_limit = excluded.download_limit,
    sellable_from = excluded.sellable_from,
    sellable_until = excluded.sellable_until,
    markets = excluded.markets,
    customer_types = excluded.customer_types,
    rrp = excluded.rrp,
    prices = excluded.prices,
    delivery_days = excluded.delivery_days,
    sequence = excluded.sequence
where offers.sequence < excluded.sequence
"""


async def put(tx: Tx, product: ProductPublished, sequence: int) -> None:
    """Copy every offer of a product, an SKU that another product had before among them."""
    editions = "[" + ",".join(edition.model_dump_json() for edition in product.editions) + "]"
    await tx.execute(PUT, product.tenant, product.product, sequence, editions)


# The array is taken from a select, for else the database plans anew each time, for longer than it reads.
ARTICLES = """
select offers.sku, offers.name, offers.channel, offers.channel_kind, offers.seller, offers.fulfilment, offers.tax_class,
       offers.key_source, offers.key_prefix, offers.keys_per, offers.link_validity_days, offers.download_limit,
       offers.sellable_from, offers.sellable_until, offers.markets, offers.customer_types, offers.rrp, offers.prices,
       offers.delivery_days,
       sellers.legal_name, sellers.address, sellers.vat_id, sellers.country, sellers.email, sellers.telephone,
       records_keys.key_id, records_keys.public_key,
       (
         select rate
         from tax_rates
         where tax_rates.country = $5
           and tax_rates.tax_class = offers.tax_class
           and tax_rates.valid_from <= $6
         order by tax_rates.valid_from desc
         limit 1
       ) as tax_rate
from offers
left join sellers on sellers.tenant = offers.tenant and sellers.seller = offers.seller
left join records_keys
  on records_keys.tenant = offers.tenant and records_keys.seller = offers.seller and records_keys.year = $4
where offers.tenant = $1
  and offers.channel = $2
  and offers.sku = any((select $3::text[])::text[])
"""


async def articles(
    read: Read, tenant: str, channel: str, skus: Sequence[str], country: str, day: date
) -> dict[str, Article]:
    """Return the offers of a channel by SKU, with what an order of that day takes from elsewhere."""
    rows = await read.fetch(ARTICLES, tenant, channel, skus, day.year, country, day)
    return {row["sku"]: _article(row) for row in rows}


PUT_COUPON = """
insert into coupons
  (tenant, id, code, channel, discount_basis_points, valid_from, valid_until, uses, uses_per_customer, sequence)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (tenant, id) do update
set discount_basis_points = excluded.discount_basis_points,
    valid_from = excluded.valid_from,
    valid_until = excluded.valid_until,
    uses = excluded.uses,
    uses_per_customer = excluded.uses_per_customer,
    sequence = excluded.sequence
where coupons.sequence < excluded.sequence
"""


async def put_coupon(tx: Tx, coupon: CouponOffered, sequence: int) -> None:
    """Copy a coupon, unless a later state is known."""
    limits = (coupon.valid_from, coupon.valid_until, coupon.uses, coupon.uses_per_customer)
    terms = (coupon.discount_basis_points, *limits)
    await tx.execute(PUT_COUPON, coupon.tenant, coupon.coupon, coupon.code, coupon.channel, *terms, sequence)


FIND_COUPON = """
select id, code, channel, discount_basis_points, valid_from, valid_until, uses, uses_per_customer
from coupons
where tenant = $1
  and channel = $2
  and form = $3
"""
LOCK_COUPON = f"""
{FIND_COUPON}
for update
"""


async def find_coupon(read: Read, tenant: str, channel: str, form: str) -> Coupon | None:
    """Return a channel's coupon by its code without hyphens; somebody else may use it the next moment."""
    row = await read.row(FIND_COUPON, tenant, channel, form)
    return None if row is None else Coupon(**dict(row))


async def lock_coupon(read: Read, tenant: str, channel: str, form: str) -> Coupon | None:
    """Return a channel's coupon by its code without hyphens; nobody else uses it before the transaction ends."""
    row = await read.row(LOCK_COUPON, tenant, channel, form)
    return None if row is None else Coupon(**dict(row))


# A statement after the lock: one that waits for it would still count what was there before. What is wholly unpaid
# counts for everybody only while it is young, and for its customer until it is cancelled.
USES = """
select (
         select count(*)
         from orders
         where $5
           and tenant = $1
           and coupon_id = $2
           and state <> 'cancelled'
           and (state <> 'open' or ordered_at > $4)
       ) as by_all,
       (
         select count(*)
         from orders
         where tenant = $1
           and coupon_id = $2
           and customer_id = $3
           and state <> 'cancelled'
       ) as by_customer
"""


async def uses(read: Read, tenant: str, coupon: Coupon, customer_id: UUID, held_since: datetime) -> Uses:
    """Return how often a coupon counts as used; by all only where that is limited."""
    row = await read.row(USES, tenant, coupon.id, customer_id, held_since, coupon.uses is not None)
    return Uses(row["by_all"], row["by_customer"]) if row else Uses(0, 0)


def _article(row: Any) -> Article:
    facts = dict(row)
    facts["markets"], facts["customer_types"] = frozenset(row["markets"]), frozenset(row["customer_types"])
    facts["rrp"], facts["prices"] = _prices(row["rrp"]), _prices(row["prices"])
    days = row["delivery_days"]
    facts["delivery_days"] = None if days is None else (orjson.loads(days)["least"], orjson.loads(days)["most"])
    printed = {name: facts.pop(name) for name in ("legal_name", "address", "vat_id", "email", "telephone")}
    key_id, public, rate = facts.pop("key_id"), facts.pop("public_key"), facts.pop("tax_rate")
    country = facts.pop("country") or ""
    legal = LegalSeller(**printed) if printed["legal_name"] is not None else None
    records = SubjectKey(key=key_id, public=public) if key_id is not None else None
    return Article(Offer(**facts), legal, country, records, rate)


def _prices(text: str) -> tuple[Price, ...]:
    return tuple(
        Price(price["amount"], price["currency"], datetime.fromisoformat(price["valid_from"]))
        for price in orjson.loads(text)
    )
