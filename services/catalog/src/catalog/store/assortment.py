"""All products of a tenant as staff looks at them: for sale or withdrawn, in any order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from chassis.db import Read

from catalog.domain.words import Asked

# what products are ordered by, as texts that sort alike
KEYS: Final = {
    "name": "p.family || ' ' || p.version",
    "line": "p.line || ' ' || p.family || ' ' || p.version",
    "price": "lpad(coalesce(r.lowest, 0)::text, 20, '0')",
    "changed": "to_char(greatest(p.published_at, p.withdrawn_at) at time zone 'UTC', 'YYYYMMDDHH24MISSUS')",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which products, and after which of them the page begins: its key and id."""

    state: str
    channel: str | None
    asked: Asked | None
    sort: str
    descending: bool
    after: tuple[str, UUID] | None
    limit: int


@dataclass(frozen=True, slots=True)
class Row:
    """A product in the list; `editions` are names with SKUs, the range that of recommended prices in one currency."""

    id: UUID
    line: str
    family: str
    version: str
    published_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    editions: list[dict[str, Any]]
    currency: str | None
    lowest: int | None
    highest: int | None
    picture: str | None
    key: str


LIST = """
select id, line, family, version, published_at, withdrawn_at, withdrawn_by, editions::text as editions, currency,
       lowest, highest, picture, key
from (
  with sought as materialized (
    select
      websearch_to_tsquery('german', $5) || websearch_to_tsquery('simple', $9) || to_tsquery('simple', $10) as query
  ), hits as materialized (
    select p.id
    from sought
    join products p on p.search @@ sought.query
    where p.tenant = $1
  )
  select p.id, p.line, p.family, p.version, p.published_at, p.withdrawn_at, p.withdrawn_by, r.currency, r.lowest,
    r.highest,
    (
      select w.picture
      from presentations w
      where w.tenant = $1
        and w.subject in (p.id, p.family_id)
        and w.picture is not null
      order by w.subject = p.id desc
      limit 1
    ) as picture,
    coalesce((
      select jsonb_agg(jsonb_build_object(
        'name', e.name,
        'skus', (
          select coalesce(jsonb_agg(v.sku order by v.position), '[]')
          from variants v
          where v.tenant = $1
            and v.product_id = e.product_id
            and v.edition_code = e.code
        )
      ) order by e.position)
      from editions e
      where e.tenant = $1
        and e.product_id = p.id
    ), '[]') as editions,
    {key} as key
  from products p
  left join lateral (
    select n.currency, min(n.amount) as lowest, max(n.amount) as highest
    from (
      select distinct on (c.sku, c.currency) c.currency, c.amount
      from prices c
      join variants v on v.tenant = c.tenant and v.sku = c.sku
      where c.tenant = $1
        and v.product_id = p.id
        and c.channel = ''
        and c.valid_from <= $2
      order by c.sku, c.currency, c.valid_from desc
    ) n
    group by n.currency
    order by n.currency = 'EUR' desc, n.currency
    limit 1
  ) r on true
  where p.tenant = $1
    and $3 in ('all', case
          when p.withdrawn_at is null then 'for_sale'
          when p.withdrawn_by = 'draft' then 'draft'
          else 'withdrawn'
        end, case when p.withdrawn_at is null or p.withdrawn_by = 'draft' then 'current' end)
    and ($4::text is null or exists (
      select from listings l
      where l.tenant = $1
        and l.product_id = p.id
        and l.channel = $4
    ))
    and ($5::text is null
      or p.id in (select id from hits)
      or $5 <> '' and exists (
        select from variants v
        where v.tenant = $1
          and v.product_id = p.id
          and strpos(lower(v.sku), lower($5)) > 0
      ))
) found
where $6::text is null or (key, id) {beyond} ($6, $7::uuid)
order by key {direction}, id {direction}
limit $8
"""
STATEMENTS: Final = {
    (sort, descending): LIST.format(
        key=key, beyond="<" if descending else ">", direction="desc" if descending else "asc"
    )
    for sort, key in KEYS.items()
    for descending in (False, True)
}


async def page(read: Read, tenant: str, wanted: Wanted) -> list[Row]:
    """Return products in the order that is wanted."""
    key, product_id = wanted.after or (None, None)
    rows = await read.fetch(
        STATEMENTS[wanted.sort, wanted.descending],
        tenant,
        read.now,
        wanted.state,
        wanted.channel,
        wanted.asked and wanted.asked.typed,
        key,
        product_id,
        wanted.limit,
        wanted.asked and wanted.asked.folded,
        wanted.asked and wanted.asked.query,
    )
    return [Row(**{**dict(row), "editions": orjson.loads(row["editions"])}) for row in rows]
