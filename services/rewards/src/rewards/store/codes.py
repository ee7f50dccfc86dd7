"""Pools of voucher codes, sealed with the master key and known by keyed fingerprints."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx
from chassis.lists import SealedEntry

ADD = """
insert into codes (tenant, fingerprint, reward_id, line, code, imported_at)
select $1, fingerprint, $2, line, box, $6
from unnest($3::bytea[], $4::integer[], $5::bytea[]) as imported (fingerprint, line, box)
order by fingerprint
on conflict (tenant, fingerprint) do update
set reward_id = excluded.reward_id,
    line = excluded.line,
    code = excluded.code,
    unreadable = false,
    imported_at = excluded.imported_at
where codes.unreadable
"""


async def add(tx: Tx, tenant: str, reward_id: str, codes: Sequence[SealedEntry]) -> None:
    """Put codes into a pool that are new to the tenant, or could not be read any more."""
    columns = [[getattr(code, name) for code in codes] for name in ("fingerprint", "line", "box")]
    await tx.execute(ADD, tenant, reward_id, *columns, tx.now)


KNOWN = """
select one.line
from unnest($2::bytea[], $3::integer[]) as one (fingerprint, line)
join codes on codes.tenant = $1 and codes.fingerprint = one.fingerprint
where not codes.unreadable
order by one.line
"""


async def known(tx: Tx, tenant: str, codes: Sequence[SealedEntry]) -> list[int]:
    """Return the lines of those codes that are or were in any pool of the tenant: none is handed out twice."""
    rows = await tx.fetch(KNOWN, tenant, [code.fingerprint for code in codes], [code.line for code in codes])
    return [row["line"] for row in rows]


NEXT = """
select fingerprint, code
from codes
where tenant = $1
  and reward_id = $2
  and redemption_id is null
  and not unreadable
order by imported_at, line
limit 1
for update skip locked
"""


async def take(tx: Tx, tenant: str, reward_id: str) -> tuple[bytes, bytes] | None:
    """Return fingerprint and box of a pool's next code, locked, whoever else is taking one; None where none is left."""
    row = await tx.row(NEXT, tenant, reward_id)
    return None if row is None else (row["fingerprint"], row["code"])


HAND_OUT = """
update codes
set redemption_id = $3, code = null
where tenant = $1
  and fingerprint = $2
"""


async def hand_out(tx: Tx, tenant: str, fingerprint: bytes, redemption_id: UUID) -> None:
    """Give a code away for good, and drop its text."""
    await tx.execute(HAND_OUT, tenant, fingerprint, redemption_id)


SET_ASIDE = """
update codes
set unreadable = true
where tenant = $1
  and fingerprint = $2
"""


async def set_aside(tx: Tx, tenant: str, fingerprint: bytes) -> None:
    """Take a code that does not open out of its pool; it waits until it opens, or is imported anew."""
    await tx.execute(SET_ASIDE, tenant, fingerprint)


UNREADABLE = """
select fingerprint, code
from codes
where tenant = $1
  and reward_id = $2
  and unreadable
for update
"""


async def unreadable(tx: Tx, tenant: str, reward_id: str) -> list[tuple[bytes, bytes]]:
    """Return fingerprints and boxes of a pool's codes that did not open, locked."""
    return [(row["fingerprint"], row["code"]) for row in await tx.fetch(UNREADABLE, tenant, reward_id)]


PUT_BACK = """
update codes
set unreadable = false
where tenant = $1
  and fingerprint = any($2::bytea[])
"""


async def put_back(tx: Tx, tenant: str, fingerprints: Sequence[bytes]) -> None:
    """Put codes that open again back into their pool."""
    await tx.execute(PUT_BACK, tenant, fingerprints)
