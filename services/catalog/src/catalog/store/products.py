"""Storing products, their editions, variants and listings; prices are stored by `prices`."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import orjson
from chassis.db import Read, Tx

from catalog.domain.product import (
    DeliveryDays,
    KeySource,
    KeysPer,
    Product,
    Settings,
    edition_id,
    family_id,
    line_id,
)
from catalog.domain.words import spellings
from catalog.store import vocabulary

LOCK = """
select id
from products
where tenant = $1
  and ($2::uuid is null or id = $2)
order by id
for update
"""


async def lock(tx: Tx, tenant: str, product_id: UUID | None = None) -> None:
    """Keep others from changing this product, or any product for None, until the transaction ends."""
    await tx.execute(LOCK, tenant, product_id)


OF_SKU = """
select product_id
from variants
where tenant = $1
  and sku = $2
"""


async def of_sku(read: Read, tenant: str, sku: str) -> UUID | None:
    """Return the product to which a SKU belongs."""
    return await read.value(OF_SKU, tenant, sku)


SETTINGS = """
select sku, link_validity_days, download_limit, key_source, key_prefix, low_stock, keys_per, devices, delivery_days
from settings
where tenant = $1
  and sku = any($2::text[])
"""


async def settings(read: Read, tenant: str, skus: Sequence[str]) -> dict[str, Settings]:
    """Return the settings of articles by SKU, of those also that are no longer there."""
    return {row["sku"]: _settings(row) for row in await read.fetch(SETTINGS, tenant, skus)}


UNDATED = """
select variants.tenant, variants.sku
from variants
join products on products.tenant = variants.tenant and products.id = variants.product_id
join settings on settings.tenant = variants.tenant and settings.sku = variants.sku
where variants.fulfilment = 'boxed'
  and products.withdrawn_at is null
  and settings.delivery_days is null
order by variants.tenant, variants.sku
limit 20
"""


async def undated(read: Read) -> list[tuple[str, str]]:
    """Return boxes for sale, by tenant and SKU, of which nobody has named how long they take; at most 20."""
    return [(row["tenant"], row["sku"]) for row in await read.fetch(UNDATED)]


CLEAR = (
    """
delete from listings
where tenant = $1
  and product_id = any($2::uuid[])
""",
    """
delete from variants
where tenant = $1
  and product_id = any($2::uuid[])
""",
    """
delete from editions
where tenant = $1
  and product_id = any($2::uuid[])
""",
)

PUT = """
with put_products as (
  insert into products (tenant, id, family_id, line_id, line, family, version, exclusive, published_at, words)
  select $1, id, family_id, line_id, line, family, version, exclusive, $2, words
  from jsonb_to_recordset($3::jsonb) as product
    (id uuid, family_id uuid, line_id uuid, line text, family text, version text, exclusive boolean, words text)
  on conflict (tenant, id) do update
  set line = excluded.line,
      line_id = excluded.line_id,
      exclusive = excluded.exclusive,
      published_at = excluded.published_at,
      withdrawn_at = null,
      withdrawn_by = null,
      words = excluded.words
), put_editions as (
  insert into editions (tenant, product_id, code, id, name, description, position)
  select $1, product_id, code, id, name, description, position
  from jsonb_to_recordset($4::jsonb) as edition
    (product_id uuid, code text, id uuid, name text, description text, position integer)
), put_variants as (
  insert into variants (tenant, sku, product_id, edition_code, fulfilment, tax_class, position)
  select $1, sku, product_id, edition_code, fulfilment, tax_class, position
  from jsonb_to_recordset($5::jsonb) as variant
    (sku text, product_id uuid, edition_code text, fulfilment text, tax_class text, position integer)
), put_settings as (
  insert into settings
    (tenant, sku, link_validity_days, download_limit, key_source, key_prefix, low_stock, keys_per, devices,
     delivery_days)
  select $1, sku, link_validity_days, download_limit, key_source, key_prefix, low_stock, keys_per, devices,
         nullif(delivery_days, 'null')
  from jsonb_to_recordset($5::jsonb) as variant
    (sku text, link_validity_days integer, download_limit integer, key_source text, key_prefix text,
     low_stock integer, keys_per text, devices integer, delivery_days jsonb)
  on conflict (tenant, sku) do update
  set link_validity_days = excluded.link_validity_days,
      download_limit = excluded.download_limit,
      key_source = excluded.key_source,
      key_prefix = excluded.key_prefix,
      low_stock = excluded.low_stock,
      keys_per = excluded.keys_per,
      devices = excluded.devices,
      delivery_days = excluded.delivery_days
)
insert into listings (tenant, channel, sku, product_id, sellable_from, sellable_until, markets, customer_types)
select $1, channel, sku, product_id, sellable_from, sellable_until, markets, customer_types
from jsonb_to_recordset($6::jsonb) as listing
  (channel text, sku text, product_id uuid, sellable_from timestamptz, sellable_until timestamptz, markets text[],
   customer_types text[])
"""


async def put(tx: Tx, tenant: str, products: Sequence[Product]) -> None:
    """Store products as they are now, for sale; all of them lose their SKUs before any gets its own."""
    ids = [product.id for product in products]
    for statement in CLEAR:
        await tx.execute(statement, tenant, ids)
    rows = (
        [_product(tenant, product) for product in products],
        [row for product in products for row in _editions(product)],
        [row for product in products for row in _variants(product)],
        [row for product in products for row in _listings(product)],
    )
    await tx.execute(PUT, tenant, tx.now, *(orjson.dumps(part).decode() for part in rows))
    await vocabulary.learn(tx, tenant, (text for product in products for text in _texts(product)))
    await vocabulary.refresh(tx, tenant, ids)


WITHDRAW = """
update products
set withdrawn_at = $3, withdrawn_by = $4
where tenant = $1
  and id = $2
"""


async def withdraw(tx: Tx, tenant: str, product_id: UUID, by: str) -> None:
    """Store that a product is no longer for sale, and whether a file or staff wanted it so."""
    await tx.execute(WITHDRAW, tenant, product_id, tx.now, by)


def _settings(row: Any) -> Settings:
    facts: dict[str, Any] = {name: value for name, value in row.items() if name != "sku"}
    facts |= {"key_source": KeySource(row["key_source"]), "keys_per": KeysPer(row["keys_per"])}
    days = row["delivery_days"]
    facts["delivery_days"] = None if days is None else DeliveryDays(**orjson.loads(days))
    return Settings(**facts)


def _product(tenant: str, product: Product) -> dict[str, Any]:
    facts = {name: getattr(product, name) for name in ("id", "line", "family", "version", "exclusive")}
    ids = {"family_id": family_id(tenant, product.family), "line_id": line_id(tenant, product.line)}
    return {**facts, **ids, "words": spellings("\n".join(_texts(product)))}


def _texts(product: Product) -> list[str]:
    texts = [product.line, product.family, product.version]
    for edition in product.editions:
        texts += [edition.name, edition.description, *(variant.sku for variant in edition.variants)]
    return texts


def _editions(product: Product) -> Iterator[dict[str, Any]]:
    for position, edition in enumerate(product.editions):
        facts: dict[str, Any] = {"code": edition.code, "name": edition.name, "description": edition.description}
        facts["id"] = edition_id(product.id, edition.code)
        yield {"product_id": product.id, "position": position, **facts}


def _variants(product: Product) -> Iterator[dict[str, Any]]:
    for edition in product.editions:
        for position, variant in enumerate(edition.variants):
            settings = {name: getattr(variant.settings, name) for name in type(variant.settings).__dataclass_fields__}
            facts = {"sku": variant.sku, "fulfilment": variant.fulfilment, "tax_class": variant.tax_class}
            yield {"product_id": product.id, "edition_code": edition.code, "position": position, **facts, **settings}


def _listings(product: Product) -> Iterator[dict[str, Any]]:
    for variant in product.variants:
        for listing in variant.listings:
            yield {
                "product_id": product.id,
                "sku": variant.sku,
                "channel": listing.channel,
                "sellable_from": listing.sellable_from,
                "sellable_until": listing.sellable_until,
                "markets": sorted(listing.markets),
                "customer_types": sorted(listing.customer_types),
            }
