"""The versions in which a shop has had its texts."""

from collections.abc import Sequence

import asyncpg
from chassis.db import Read, Tx

from storefront.domain.legal import Text

VERSIONS = """
select kind, language, version, text, since
from texts
where shop_id = $1
  and kind = $2
  and language = $3
order by since desc, version desc
"""


async def versions(read: Read, shop_id: str, kind: str, language: str) -> Sequence[Text]:
    """Return all versions of a text in a language, the newest first."""
    return [_text(row) for row in await read.fetch(VERSIONS, shop_id, kind, language)]


LATEST = """
select distinct on (kind, language) kind, language, version, text, since
from texts
where shop_id = $1
order by kind, language, since desc, version desc
"""


async def latest(read: Read, shop_id: str) -> dict[tuple[str, str], Text]:
    """Return the newest version of each text, by kind and language."""
    return {(row["kind"], row["language"]): _text(row) for row in await read.fetch(LATEST, shop_id)}


KEEP = """
insert into texts (shop_id, kind, language, version, text, since)
values ($1, $2, $3, $4, $5, $6)
"""


async def keep(tx: Tx, shop_id: str, text: Text) -> None:
    """Keep a version of a text, for good."""
    await tx.execute(KEEP, shop_id, text.kind, text.language, text.version, text.text, text.since)


def _text(row: asyncpg.Record) -> Text:
    return Text(row["kind"], row["language"], row["version"], row["text"], row["since"])
