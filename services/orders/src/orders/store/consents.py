"""The wordings that customers are shown, and the statements they made."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Read, Tx
from contracts.orders import Consent

CURRENT = """
select distinct on (kind) kind, version, text
from texts
where language = $1
  and valid_from <= $2
order by kind, valid_from desc
"""


async def current(read: Read, language: str) -> dict[str, tuple[str, str]]:
    """Return the version and wording of each text that is valid now, by its kind."""
    return {row["kind"]: (row["version"], row["text"]) for row in await read.fetch(CURRENT, language, read.now)}


ADD = """
insert into consents (tenant, order_id, kind, version, language, text, given_at)
select $1, $2, kind, version, language, text, $3
from unnest($4::text[], $5::text[], $6::text[], $7::text[]) as consent (kind, version, language, text)
on conflict do nothing
"""


async def add(tx: Tx, tenant: str, order_id: UUID, consents: Sequence[Consent]) -> None:
    """Keep statements as they were made, all now."""
    columns = zip(*((one.kind, one.version, one.language, one.text) for one in consents), strict=True)
    await tx.execute(ADD, tenant, order_id, tx.now, *map(list, columns))
