"""Sign-ins that wait for a code: the hashes alone of what browsers send back are kept."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Tx

ADD = """
insert into second_steps
  (tenant, hash, browser_hash, client_id, subject_id, password_digest, new_password_hash, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""


@dataclass(frozen=True, slots=True)
class SecondStep:
    """A sign-in in which the password was right: in which browser, for which client, of whom, how often refused."""

    browser_hash: bytes = field(repr=False)
    client_id: str
    subject_id: UUID
    password_digest: bytes = field(repr=False)
    new_password_hash: str | None = field(repr=False)
    expires_at: datetime
    refusals: int = 0


async def add(tx: Tx, tenant: str, step_hash: bytes, step: SecondStep) -> None:
    """Keep a sign-in that waits for its code."""
    facts = (step.browser_hash, step.client_id, step.subject_id, step.password_digest, step.new_password_hash)
    await tx.execute(ADD, tenant, step_hash, *facts, step.expires_at)


LOCK = """
select browser_hash, client_id, subject_id, password_digest, new_password_hash, expires_at, refusals
from second_steps
where tenant = $1
  and hash = $2
for update
"""


async def lock(tx: Tx, tenant: str, step_hash: bytes) -> SecondStep | None:
    """Return the sign-in with this hash; nobody else goes on with it before the transaction ends."""
    row = await tx.row(LOCK, tenant, step_hash)
    return None if row is None else SecondStep(**dict(row))


REFUSE = """
update second_steps
set refusals = refusals + 1
where tenant = $1
  and hash = $2
"""


async def refuse(tx: Tx, tenant: str, step_hash: bytes) -> None:
    """Count a code that was refused."""
    await tx.execute(REFUSE, tenant, step_hash)


USE = """
delete from second_steps
where tenant = $1
  and hash = $2
"""


async def use(tx: Tx, tenant: str, step_hash: bytes) -> None:
    """Let a sign-in go on no more."""
    await tx.execute(USE, tenant, step_hash)


REMOVE = """
delete from second_steps
where tenant = $1
  and subject_id = $2
"""


async def remove(tx: Tx, tenant: str, subject_id: UUID) -> None:
    """Let no sign-in of somebody go on that has begun."""
    await tx.execute(REMOVE, tenant, subject_id)


REMOVE_OLD = """
delete from second_steps
where (tenant, hash) in (
  select tenant, hash
  from second_steps
  where expires_at < $1
  limit 1000
)
"""


async def remove_old(tx: Tx) -> bool:
    """Remove what has waited too long, of all tenants, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, tx.now) > 0
