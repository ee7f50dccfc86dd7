"""The words of all that is for sale: what products are found by, and which known word a mistyped one may be."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import orjson
from chassis.db import Read, Tx

from catalog.domain import words

# so many words that look alike are measured letter by letter
MEASURED = 200

LEARN = """
insert into words (tenant, word, written, shortened)
select $1, word, written, shortened
from jsonb_to_recordset($2::jsonb) as known (word text, written text, shortened text[])
on conflict do nothing
"""


async def learn(tx: Tx, tenant: str, texts: Iterable[str]) -> None:
    """Know the words of these texts from now on."""
    found = [
        {"word": word, "written": written, "shortened": sorted(words.shortened(word))}
        for word, written in sorted(words.vocabulary(texts).items())
    ]
    await tx.execute(LEARN, tenant, orjson.dumps(found).decode())


# products are locked in one order, for two that are written at once may belong to the same
REFRESH = """
with concerned as (
  select id from products where tenant = $1 and id = any($2::uuid[])
  union select id from products where tenant = $1 and family_id = any($2::uuid[])
  union select id from products where tenant = $1 and line_id = any($2::uuid[])
  union select product_id from editions where tenant = $1 and id = any($2::uuid[])
), changed as (
  select p.id
  from products p
  where p.tenant = $1
    and p.id in (select id from concerned)
  order by p.id
  for update
), written as (
  select p.id, concat_ws(E'\\n', p.words, (
    select string_agg(w.words, E'\\n')
    from presentations w
    where w.tenant = $1
      and w.subject in (
        select p.id
        union all select p.family_id
        union all select p.line_id
        union all select e.id from editions e where e.tenant = $1 and e.product_id = p.id
      )
  )) as words
  from changed
  join products p on p.tenant = $1 and p.id = changed.id
)
update products p
set search = to_tsvector('german', written.words) || to_tsvector('simple', written.words)
from written
where p.tenant = $1
  and p.id = written.id
"""


async def refresh(tx: Tx, tenant: str, subjects: Iterable[UUID]) -> None:
    """Let the products to which these lines, families, products or editions belong be found by what is written now."""
    await tx.execute(REFRESH, tenant, list(subjects))


LIKE = """
select word
from words
where tenant = $1
  and shortened && $2::text[]
order by word
limit $3
"""


async def nearest(read: Read, tenant: str, word: str) -> list[str]:
    """Return the known words that a mistyped one may be, the nearest first."""
    wrong = words.forgiven(word)
    if not wrong:
        return []
    rows = await read.fetch(LIKE, tenant, sorted(words.shortened(word, wrong)), MEASURED)
    return words.nearest(word, [row["word"] for row in rows])


WRITTEN = """
select word, written
from words
where tenant = $1
  and word = any($2::text[])
"""


async def written(read: Read, tenant: str, known: Sequence[str]) -> dict[str, str]:
    """Return how words are written that are known without their marks."""
    return {row["word"]: row["written"] for row in await read.fetch(WRITTEN, tenant, known)}
