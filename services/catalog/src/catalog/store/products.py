"""Keeping products, their editions, variants and listings; prices are kept by `prices`."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from chassis.db import Tx

from catalog.domain.product import Product

LOCK = """
select product
from products
where tenant = $1
  and product = $2
for update
"""

LOCK_ALL = """
select product
from products
where tenant = $1
order by product
for update
"""

OF_SKU = """
select product
from variants
where tenant = $1
  and sku = $2
"""

PUT = """
insert into products
  (tenant, product, line, family, version, exclusive, published_at, search)
values ($1, $2, $3, $4, $5, $6, $7, to_tsvector('german', $8) || to_tsvector('simple', $8))
on conflict (tenant, product) do update
set line = excluded.line,
    exclusive = excluded.exclusive,
    published_at = excluded.published_at,
    withdrawn_at = null,
    withdrawn_by = null,
    search = excluded.search
"""

WITHDRAW = """
update products
set withdrawn_at = $3, withdrawn_by = $4
where tenant = $1
  and product = $2
"""

CLEAR_LISTINGS = """
delete from listings
where tenant = $1
  and product = any($2::uuid[])
"""

CLEAR_VARIANTS = """
delete from variants
where tenant = $1
  and product = any($2::uuid[])
"""

CLEAR_EDITIONS = """
delete from editions
where tenant = $1
  and product = any($2::uuid[])
"""

ADD_EDITION = """
insert into editions (tenant, product, edition, name, description, place)
values ($1, $2, $3, $4, $5, $6)
"""

ADD_VARIANT = """
insert into variants
  (tenant, sku, product, edition, fulfilment, tax_class, link_validity_days, download_limit, key_source, key_prefix,
   low_stock, keys_per, place)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""

ADD_LISTING = """
insert into listings
  (tenant, channel, sku, product, sellable_from, sellable_until, markets, customer_types)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def lock(tx: Tx, tenant: str, product: UUID) -> None:
    """Let nobody else change this product meanwhile."""
    await tx.execute(LOCK, tenant, product)


async def lock_all(tx: Tx, tenant: str) -> None:
    """Let nobody else change any product meanwhile."""
    await tx.execute(LOCK_ALL, tenant)


async def of_sku(tx: Tx, tenant: str, sku: str) -> UUID | None:
    """The product to which a SKU belongs."""
    return await tx.value(OF_SKU, tenant, sku)


async def put(tx: Tx, tenant: str, products: Iterable[Product]) -> None:
    """Keep products as they are now, for sale; all of them lose their SKUs before any gets its own."""
    products = list(products)
    ids = [product.product for product in products]
    for statement in (CLEAR_LISTINGS, CLEAR_VARIANTS, CLEAR_EDITIONS):
        await tx.execute(statement, tenant, ids)
    for product in products:
        words = _words(product)
        facts = (product.line, product.family, product.version, product.exclusive)
        await tx.execute(PUT, tenant, product.product, *facts, tx.now, words)
        await tx.many(ADD_EDITION, _editions(tenant, product))
        await tx.many(ADD_VARIANT, _variants(tenant, product))
        await tx.many(ADD_LISTING, _listings(tenant, product))


async def withdraw(tx: Tx, tenant: str, product: UUID, by: str) -> None:
    """Keep that a product is no longer for sale, and whether a file or staff wanted it so."""
    await tx.execute(WITHDRAW, tenant, product, tx.now, by)


def _words(product: Product) -> str:
    words = [product.line, product.family, product.version]
    for edition in product.editions:
        words += [edition.name, edition.description, *(variant.sku for variant in edition.variants)]
    return "\n".join(words)


def _editions(tenant: str, product: Product) -> list[tuple[Any, ...]]:
    return [
        (tenant, product.product, edition.code, edition.name, edition.description, place)
        for place, edition in enumerate(product.editions)
    ]


def _variants(tenant: str, product: Product) -> list[tuple[Any, ...]]:
    return [
        (
            tenant,
            variant.sku,
            product.product,
            edition.code,
            variant.fulfilment,
            variant.tax_class,
            variant.settings.link_validity_days,
            variant.settings.download_limit,
            variant.settings.key_source,
            variant.settings.key_prefix,
            variant.settings.low_stock,
            variant.settings.keys_per,
            place,
        )
        for edition in product.editions
        for place, variant in enumerate(edition.variants)
    ]


def _listings(tenant: str, product: Product) -> list[tuple[Any, ...]]:
    return [
        (
            tenant,
            listing.channel,
            variant.sku,
            product.product,
            listing.sellable_from,
            listing.sellable_until,
            sorted(listing.markets),
            sorted(listing.customer_types),
        )
        for variant in product.variants
        for listing in variant.listings
    ]
