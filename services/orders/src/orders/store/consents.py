"""The wordings that customers are shown, and the statements they made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx
from contracts.orders import Consent

from orders.domain.notice import Notice

CURRENT = """
(
  select distinct on (kind) kind, null as fulfilment, version, text
  from texts
  where language = $1
    and valid_from <= $2
  order by kind, valid_from desc
)
union all
(
  select distinct on (fulfilment) null, fulfilment, version, text
  from notices
  where tenant = $3
    and seller = $4
    and language = $1
    and valid_from <= $2
  order by fulfilment, valid_from desc
)
"""


@dataclass(frozen=True, slots=True)
class Texts:
    """The wordings that are valid now: version and text by kind, and a seller's own notices by fulfilment."""

    shown: dict[str, tuple[str, str]]
    notices: dict[str, Notice]


async def current(read: Read, language: str, tenant: str | None = None, seller: str | None = None) -> Texts:
    """Return the wordings that are valid now; a seller's notices where one is named."""
    rows = await read.fetch(CURRENT, language, read.now, tenant, seller)
    return Texts(
        {row["kind"]: (row["version"], row["text"]) for row in rows if row["kind"]},
        {row["fulfilment"]: Notice(row["version"], row["text"]) for row in rows if row["fulfilment"]},
    )


PUT_NOTICE = """
insert into notices (tenant, seller, language, fulfilment, version, text, valid_from, put_by)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict do nothing
"""


async def put_notice(
    tx: Tx, tenant: str, seller: str, language: str, fulfilment: str, notice: Notice, valid_from: datetime, by: str
) -> bool:
    """Keep a seller's notice, which holds from a moment on; false where one of its version or moment is there."""
    values = (tenant, seller, language, fulfilment, notice.version, notice.text, valid_from, by)
    return await tx.execute(PUT_NOTICE, *values) == 1


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
