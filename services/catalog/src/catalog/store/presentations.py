"""How lines, families, products and editions are shown."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

import orjson
from chassis.db import Read, Tx

from catalog.domain.presentation import Picture, Presentation, Support, Text
from catalog.domain.words import spellings
from catalog.store import vocabulary

SUBJECT = """
select name
from (
  select family || ' ' || version as name
  from products
  where tenant = $1
    and id = $2
  union all
  select family
  from products
  where tenant = $1
    and family_id = $2
  union all
  select line
  from products
  where tenant = $1
    and line_id = $2
  union all
  select name
  from editions
  where tenant = $1
    and id = $2
) subject
limit 1
"""


async def subject(read: Read, tenant: str, subject_id: UUID) -> str | None:
    """Return the name of a line, family, product or edition of a tenant; None where there is none of this id."""
    return await read.value(SUBJECT, tenant, subject_id)


OF = """
select p.subject, p.texts::text as texts, p.support_contact, p.supported_until, p.secure_until, p.alt::text as alt,
       s.hash, s.width, s.height
from presentations p
left join pictures s on s.tenant = p.tenant and s.hash = p.picture
where p.tenant = $1
  and p.subject = any($2::uuid[])
"""


async def of(read: Read, tenant: str, subjects: Iterable[UUID]) -> dict[UUID, Presentation]:
    """Return the presentations of these subjects, of those that have any."""
    rows = await read.fetch(OF, tenant, list(subjects))
    return {row["subject"]: _presentation(row) for row in rows}


PUT = """
insert into presentations (tenant, subject, texts, support_contact, supported_until, secure_until, words)
values ($1, $2, $3::jsonb, $4, $5, $6, $7)
on conflict (tenant, subject) do update
set texts = excluded.texts,
    support_contact = excluded.support_contact,
    supported_until = excluded.supported_until,
    secure_until = excluded.secure_until,
    words = excluded.words
"""


async def put(tx: Tx, tenant: str, subject_id: UUID, texts: Mapping[str, Text], support: Support) -> None:
    """Store texts and support of a subject; its picture stays."""
    facts = {language: asdict(text) for language, text in texts.items()}
    words = [word for text in texts.values() for word in (text.title, text.summary, text.description)]
    dates = support.supported_until, support.secure_until
    stored = orjson.dumps(facts).decode()
    await tx.execute(PUT, tenant, subject_id, stored, support.contact, *dates, spellings("\n".join(words)))
    await vocabulary.learn(tx, tenant, (word for text in texts.values() for word in (text.title, text.summary)))


ILLUSTRATE = """
insert into presentations (tenant, subject, picture, alt)
values ($1, $2, $3, $4::jsonb)
on conflict (tenant, subject) do update
set picture = excluded.picture,
    alt = excluded.alt
"""


async def illustrate(tx: Tx, tenant: str, subject_id: UUID, picture: str | None, alt: Mapping[str, str]) -> None:
    """Store which picture shows a subject, and in words what it shows."""
    await tx.execute(ILLUSTRATE, tenant, subject_id, picture, orjson.dumps(dict(alt)).decode())


LOCK = """
select pg_advisory_xact_lock(hashtextextended('presentation ' || $1 || ' ' || $2::uuid::text, 0))
"""


async def lock(tx: Tx, tenant: str, subject_id: UUID) -> None:
    """Keep others from changing how a subject is shown until the transaction ends."""
    await tx.execute(LOCK, tenant, subject_id)


def _presentation(row: Any) -> Presentation:
    texts = {language: Text(**text) for language, text in orjson.loads(row["texts"]).items()}
    support = Support(row["support_contact"], row["supported_until"], row["secure_until"])
    if row["hash"] is None:
        return Presentation(texts, support)
    return Presentation(texts, support, Picture(row["hash"], row["width"], row["height"], orjson.loads(row["alt"])))
