"""This service's copy of what may be sold, and of the coupons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from chassis.db import Tx
from contracts.catalog import CouponOffered, Edition, Offer, ProductPublished, Variant
from contracts.event import SubjectKey
from contracts.orders import LegalSeller

from orders.domain.offers import Coupon, Price
from orders.domain.offers import Offer as KnownOffer

ADVANCE = """
insert into products (tenant, product, sequence)
values ($1, $2, $3)
on conflict (tenant, product) do update
set sequence = excluded.sequence
where products.sequence < excluded.sequence
returning sequence
"""

CLEAR = """
delete from offers
where tenant = $1
  and product = $2
"""

PUT = """
insert into offers
  (tenant, channel, sku, product, name, channel_kind, seller, fulfilment, tax_class, key_source, key_prefix,
   keys_per, link_validity_days, download_limit, sellable_from, sellable_until, markets, customer_types, rrp, prices,
   sequence)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
on conflict (tenant, channel, sku) do update
set product = excluded.product,
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
    sequence = excluded.sequence
where offers.sequence < excluded.sequence
"""

ORDERABLE = """
select offers.sku, offers.name, offers.channel, offers.channel_kind, offers.seller, offers.fulfilment, offers.tax_class,
       offers.key_source, offers.key_prefix, offers.keys_per, offers.link_validity_days, offers.download_limit,
       offers.sellable_from, offers.sellable_until, offers.markets, offers.customer_types, offers.rrp, offers.prices,
       sellers.legal_name, sellers.address, sellers.vat_id, records_keys.key, records_keys.public,
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
left join sellers on sellers.tenant = $1 and sellers.seller = offers.seller
left join records_keys on records_keys.tenant = $1 and records_keys.seller = offers.seller and records_keys.year = $4
where offers.tenant = $1
  and offers.channel = $2
  and offers.sku = any($3::text[])
"""

PUT_COUPON = """
insert into coupons
  (tenant, coupon, code, channel, discount_basis_points, valid_from, valid_until, uses, sequence)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (tenant, coupon) do update
set discount_basis_points = excluded.discount_basis_points,
    valid_from = excluded.valid_from,
    valid_until = excluded.valid_until,
    uses = excluded.uses,
    sequence = excluded.sequence
where coupons.sequence < excluded.sequence
"""

LOCK_COUPON = """
select coupon, code, channel, discount_basis_points, valid_from, valid_until, uses - used as left
from coupons
where tenant = $1
  and channel = $2
  and code = $3
for update
"""

USE_COUPON = """
update coupons
set used = used + 1
where tenant = $1
  and coupon = $2
"""

FREE_COUPON = """
update coupons
set used = used - 1
where tenant = $1
  and coupon = $2
"""


@dataclass(frozen=True, slots=True)
class Orderable:
    """An offer with its seller as printed, the key of that seller's records of this year, and the VAT rate (bp)."""

    offer: KnownOffer
    legal: LegalSeller | None
    records: SubjectKey | None
    tax_rate: int | None


async def advance(tx: Tx, tenant: str, product: UUID, sequence: int) -> bool:
    """Whether this state of a product is newer than what is known."""
    return await tx.value(ADVANCE, tenant, product, sequence) is not None


async def clear(tx: Tx, tenant: str, product: UUID) -> None:
    """Forget every offer of a product."""
    await tx.execute(CLEAR, tenant, product)


async def put(tx: Tx, product: ProductPublished, sequence: int) -> None:
    """Copy every offer of a product, an SKU that another product had before among them."""
    rows = [
        (*_columns(product, edition, variant, offer), sequence)
        for edition in product.editions
        for variant in edition.variants
        for offer in variant.offers
    ]
    await tx.many(PUT, rows)


async def orderable(
    tx: Tx, tenant: str, channel: str, skus: Sequence[str], country: str, day: date
) -> dict[str, Orderable]:
    """The offers of a channel by SKU, with what an order of that day takes from elsewhere, in one round trip."""
    rows = await tx.fetch(ORDERABLE, tenant, channel, skus, day.year, country, day)
    return {row["sku"]: _orderable(row) for row in rows}


async def put_coupon(tx: Tx, coupon: CouponOffered, sequence: int) -> None:
    """Copy a coupon, unless a later state is known."""
    terms = (coupon.discount_basis_points, coupon.valid_from, coupon.valid_until, coupon.uses)
    await tx.execute(PUT_COUPON, coupon.tenant, coupon.coupon, coupon.code, coupon.channel, *terms, sequence)


async def lock_coupon(tx: Tx, tenant: str, channel: str, code: str) -> Coupon | None:
    """A channel's coupon, which nobody else uses meanwhile."""
    row = await tx.row(LOCK_COUPON, tenant, channel, code)
    return None if row is None else Coupon(**dict(row))


async def use_coupon(tx: Tx, tenant: str, coupon: UUID) -> None:
    """Count a use."""
    await tx.execute(USE_COUPON, tenant, coupon)


async def free_coupon(tx: Tx, tenant: str, coupon: UUID) -> None:
    """Give a use back."""
    await tx.execute(FREE_COUPON, tenant, coupon)


def _columns(product: ProductPublished, edition: Edition, variant: Variant, offer: Offer) -> tuple[Any, ...]:
    return (
        product.tenant,
        offer.channel,
        variant.sku,
        product.product,
        edition.name,
        offer.channel_kind,
        offer.seller,
        variant.fulfilment,
        variant.tax_class,
        variant.license.key_source,
        variant.license.key_prefix,
        variant.license.keys_per,
        variant.delivery.link_validity_days,
        variant.delivery.download_limit,
        offer.sellable_from,
        offer.sellable_until,
        offer.markets,
        offer.customer_types,
        _dump(variant.rrp),
        _dump(offer.prices),
    )


def _dump(prices: Sequence[Any]) -> str:
    return orjson.dumps([price.model_dump() for price in prices]).decode()


def _prices(text: str) -> tuple[Price, ...]:
    return tuple(
        Price(price["amount"], price["currency"], datetime.fromisoformat(price["valid_from"]))
        for price in orjson.loads(text)
    )


def _orderable(row: Any) -> Orderable:
    facts = dict(row)
    facts["markets"] = frozenset(row["markets"])
    facts["customer_types"] = frozenset(row["customer_types"])
    facts["rrp"], facts["prices"] = _prices(row["rrp"]), _prices(row["prices"])
    printed = {name: facts.pop(name) for name in ("legal_name", "address", "vat_id")}
    key, public, rate = facts.pop("key"), facts.pop("public"), facts.pop("tax_rate")
    legal = LegalSeller(**printed) if printed["legal_name"] is not None else None
    return Orderable(KnownOffer(**facts), legal, SubjectKey(key=key, public=public) if key is not None else None, rate)
