"""The wordings that customers are shown, and the statements they made."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx
from contracts.orders import Consent

CURRENT = """
select distinct on (kind) kind, version, text
from texts
where language = $1
  and valid_from <= $2
order by kind, valid_from desc
"""

ADD = """
insert into consents (tenant, order_id, kind, version, language, text, given_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
"""


async def current(tx: Tx, language: str) -> dict[str, tuple[str, str]]:
    """The version and wording of each text that is valid now, by its kind."""
    return {row["kind"]: (row["version"], row["text"]) for row in await tx.fetch(CURRENT, language, tx.now)}


async def add(tx: Tx, tenant: str, order: UUID, consents: Sequence[Consent]) -> None:
    """Keep statements as they were made."""
    await tx.many(
        ADD,
        [(tenant, order, said.kind, said.version, said.language, said.text, said.given_at) for said in consents],
    )
