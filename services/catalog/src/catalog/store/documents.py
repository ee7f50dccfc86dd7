"""Products with all that belongs to them, each read as one document in one round trip."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from chassis.db import Read
from pydantic import TypeAdapter

from catalog.domain.product import Buyer, Product
from catalog.domain.words import Asked

# $1 tenant; $2 a moment: only prices in force then, or all of them for null; $3 only this channel, or all for null
DOCUMENTS = """
select page.published_at, page.withdrawn_at, page.withdrawn_by, jsonb_build_object(
  'id', page.id,
  'line', page.line,
  'family', page.family,
  'version', page.version,
  'exclusive', page.exclusive,
  'editions', coalesce((
    select jsonb_agg(jsonb_build_object(
      'code', e.code,
      'name', e.name,
      'description', e.description,
      'variants', coalesce((
        select jsonb_agg(jsonb_build_object(
          'sku', v.sku,
          'fulfilment', v.fulfilment,
          'tax_class', v.tax_class,
          'settings', jsonb_build_object(
            'link_validity_days', s.link_validity_days,
            'download_limit', s.download_limit,
            'key_source', s.key_source,
            'key_prefix', s.key_prefix,
            'low_stock', s.low_stock,
            'keys_per', s.keys_per,
            'devices', s.devices,
            'delivery_days', s.delivery_days
          ),
          'rrp', series.prices -> '',
          'listings', coalesce((
            select jsonb_agg(jsonb_build_object(
              'channel', l.channel,
              'prices', coalesce(series.prices -> l.channel, '[]'),
              'sellable_from', l.sellable_from,
              'sellable_until', l.sellable_until,
              'markets', l.markets,
              'customer_types', l.customer_types
            ) order by l.channel)
            from listings l
            where l.tenant = $1
              and l.sku = v.sku
              and ($3::text is null or l.channel = $3)
          ), '[]')
        ) order by v.position)
        from variants v
        join settings s on s.tenant = v.tenant and s.sku = v.sku
        cross join lateral (
          select jsonb_build_object('', '[]'::jsonb)
            || coalesce(jsonb_object_agg(by_channel.channel, by_channel.prices), '{}') as prices
          from (
            select r.channel, jsonb_agg(jsonb_build_object(
              'amount', r.amount,
              'currency', r.currency,
              'valid_from', r.valid_from
            ) order by r.currency, r.valid_from) as prices
            from prices r
            where r.tenant = $1
              and r.sku = v.sku
              and ($3::text is null or r.channel in ('', $3))
              and ($2::timestamptz is null or r.valid_from = (
                select max(n.valid_from)
                from prices n
                where n.tenant = $1
                  and n.sku = r.sku
                  and n.channel = r.channel
                  and n.currency = r.currency
                  and n.valid_from <= $2
              ))
            group by r.channel
          ) by_channel
        ) series
        where v.tenant = $1
          and v.product_id = e.product_id
          and v.edition_code = e.code
      ), '[]')
    ) order by e.position)
    from editions e
    where e.tenant = $1
      and e.product_id = page.id
  ), '[]')
)::text as document
from page
order by page.family, page.version, page.id
"""

THIS = """
with page as (
  select id, line, family, version, exclusive, published_at, withdrawn_at, withdrawn_by
  from products
  where tenant = $1
    and id = $4
)
"""

ONE = THIS + DOCUMENTS

EVERY = """
with page as (
  select id, line, family, version, exclusive, published_at, withdrawn_at, withdrawn_by
  from products
  where tenant = $1
)
"""

ALL = EVERY + DOCUMENTS

# the words are looked up at once by their index, not beside each product in order
LISTED = """
with sought as materialized (
  select websearch_to_tsquery('german', $5) || websearch_to_tsquery('simple', $10) || to_tsquery('simple', $11) as query
), hits as materialized (
  select p.id
  from sought
  join products p on p.search @@ sought.query
  where p.tenant = $1
    and p.withdrawn_at is null
), page as (
  select p.id, p.line, p.family, p.version, p.exclusive, p.published_at, p.withdrawn_at, p.withdrawn_by
  from products p
  where p.tenant = $1
    and p.withdrawn_at is null
    and ($4::text is null or p.line = $4)
    and ($5::text is null or p.id in (select id from hits))
    and ($6::uuid is null or (p.family, p.version, p.id) > (
      select before.family, before.version, before.id
      from products before
      where before.tenant = $1
        and before.id = $6
    ))
    and exists (
      select from listings l
      where l.tenant = $1
        and l.product_id = p.id
        and l.channel = $3
        and l.sellable_from <= $2
        and (l.sellable_until is null or l.sellable_until > $2)
        and ($7::text is null or $7 = any(l.markets))
        and ($8::text is null or $8 = any(l.customer_types))
        and exists (
          select from prices r
          where r.tenant = $1
            and r.sku = l.sku
            and r.channel = l.channel
            and r.valid_from <= $2
        )
    )
  order by p.family, p.version, p.id
  limit $9
)
"""

PAGE = LISTED + DOCUMENTS

PRODUCT: TypeAdapter[Product] = TypeAdapter(Product)
# So many products as channels show them are remembered as they were read, some ten kilobytes each.
REMEMBERED = 512


# in place of who has withdrawn it: it was never for sale
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """A product as it is stored."""

    product: Product
    published_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None

    @property
    def is_draft(self) -> bool:
        """Whether it is still to be published for the first time."""
        return self.withdrawn_by == DRAFT


@dataclass(frozen=True, slots=True)
class ListedProduct:
    """A product with the prices in force in a channel, as the document that says so and as what it says."""

    document: str
    product: Product


@dataclass(frozen=True, slots=True)
class Search:
    """Which products of a channel are looked for: only those after `after`, at most `limit`."""

    channel: str
    buyer: Buyer
    line: str | None
    asked: Asked | None
    after: UUID | None
    limit: int


async def find(read: Read, tenant: str, product_id: UUID) -> StoredProduct | None:
    """Return a product with all its prices."""
    row = await read.row(ONE, tenant, None, None, product_id)
    return None if row is None else _stored(row)


async def listed(read: Read, tenant: str, product_id: UUID, channel: str) -> ListedProduct | None:
    """Return a product as a channel shows it, with the prices in force there; None where it is withdrawn."""
    row = await read.row(ONE, tenant, read.now, channel, product_id)
    return None if row is None or row["withdrawn_at"] is not None else _listed(row)


async def search(read: Read, tenant: str, wanted: Search) -> list[ListedProduct]:
    """Return products of which a channel sells anything now, in the order of family and version."""
    rows = await read.fetch(
        PAGE,
        tenant,
        read.now,
        wanted.channel,
        wanted.line,
        wanted.asked and wanted.asked.typed,
        wanted.after,
        wanted.buyer.market,
        wanted.buyer.customer_type,
        wanted.limit,
        wanted.asked and wanted.asked.folded,
        wanted.asked and wanted.asked.query,
    )
    return [_listed(row) for row in rows]


async def of_tenant(read: Read, tenant: str) -> dict[UUID, StoredProduct]:
    """Return all products by id, with all their prices."""
    found = [_stored(row) for row in await read.fetch(ALL, tenant, None, None)]
    return {stored.product.id: stored for stored in found}


def _stored(row: Any) -> StoredProduct:
    product = PRODUCT.validate_json(row["document"])
    return StoredProduct(product, row["published_at"], row["withdrawn_at"], row["withdrawn_by"])


def _listed(row: Any) -> ListedProduct:
    return ListedProduct(row["document"], parse(row["document"]))


@lru_cache(REMEMBERED)
def parse(document: str) -> Product:
    """Parse a document, once: what everybody looks at seldom changes, and when it does, its text does."""
    return PRODUCT.validate_json(document)
