"""Second factors: wrapped secrets, the last time step that counted, blind indexes of recovery codes."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx

PUT = """
insert into second_factors (tenant, subject_id, id, wrapped_secret, begun_at)
values ($1, $2, $3, $4, $5)
on conflict (tenant, subject_id) do update
set id = excluded.id,
    wrapped_secret = excluded.wrapped_secret,
    begun_at = excluded.begun_at
where second_factors.confirmed_at is null
returning id
"""


async def put(tx: Tx, tenant: str, subject_id: UUID, factor_id: UUID, wrapped_secret: bytes) -> bool:
    """Begin an enrolment, in place of an unfinished one; returns False where a factor is enrolled already."""
    return await tx.value(PUT, tenant, subject_id, factor_id, wrapped_secret, tx.now) is not None


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A second factor, enrolled or being enrolled; `step` is the present time step."""

    id: UUID
    wrapped_secret: bytes = field(repr=False)
    begun_at: datetime
    confirmed_at: datetime | None
    last_step: int | None
    step: int


LOCK = """
select id, wrapped_secret, begun_at, confirmed_at, last_step,
       floor(extract(epoch from clock_timestamp()) / $3::int)::bigint as step
from second_factors
where tenant = $1
  and subject_id = $2
for update
"""


async def lock(tx: Tx, tenant: str, subject_id: UUID, step_seconds: int) -> SecondFactor | None:
    """Return somebody's factor, if there is one; nobody else uses it before the transaction ends."""
    row = await tx.row(LOCK, tenant, subject_id, step_seconds)
    return None if row is None else SecondFactor(**dict(row))


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is shown of an enrolled factor: since when, and how many recovery codes are left."""

    confirmed_at: datetime
    codes: int


ENROLMENT = """
select second_factors.confirmed_at, count(recovery_codes.code_hmac) as codes
from second_factors
left join recovery_codes using (tenant, subject_id)
where second_factors.tenant = $1
  and second_factors.subject_id = $2
  and second_factors.confirmed_at is not null
group by second_factors.confirmed_at
"""


async def enrolment(read: Read, tenant: str, subject_id: UUID) -> Enrolment | None:
    """Return what is shown of somebody's factor; None where none is enrolled."""
    row = await read.row(ENROLMENT, tenant, subject_id)
    return None if row is None else Enrolment(**dict(row))


CONFIRM = """
update second_factors
set confirmed_at = $3
where tenant = $1
  and subject_id = $2
"""


async def confirm(tx: Tx, tenant: str, subject_id: UUID) -> None:
    """Let the factor count from now on."""
    await tx.execute(CONFIRM, tenant, subject_id, tx.now)


USE_STEP = """
update second_factors
set last_step = $3
where tenant = $1
  and subject_id = $2
"""


async def use_step(tx: Tx, tenant: str, subject_id: UUID, step: int) -> None:
    """Record the time step of a code that has counted."""
    await tx.execute(USE_STEP, tenant, subject_id, step)


REMOVE = """
delete from second_factors
where tenant = $1
  and subject_id = $2
returning confirmed_at
"""


async def remove(tx: Tx, tenant: str, subject_id: UUID) -> bool:
    """Remove a factor with its recovery codes, and return whether it was enrolled."""
    return await tx.value(REMOVE, tenant, subject_id) is not None


REMOVE_UNCONFIRMED = """
delete from second_factors
where tenant = $1
  and subject_id = $2
  and confirmed_at is null
"""


async def remove_unconfirmed(tx: Tx, tenant: str, subject_id: UUID) -> None:
    """Break an unfinished enrolment off."""
    await tx.execute(REMOVE_UNCONFIRMED, tenant, subject_id)


REMOVE_CODES = """
delete from recovery_codes
where tenant = $1
  and subject_id = $2
"""

ADD_CODES = """
insert into recovery_codes (tenant, subject_id, code_hmac)
select $1, $2, code_hmac
from unnest($3::bytea[]) as added (code_hmac)
"""


async def replace_codes(tx: Tx, tenant: str, subject_id: UUID, code_hmacs: Collection[bytes]) -> None:
    """Let these recovery codes count, and no others."""
    await tx.execute(REMOVE_CODES, tenant, subject_id)
    await tx.execute(ADD_CODES, tenant, subject_id, list(code_hmacs))


COUNT_CODES = """
select count(*)
from recovery_codes
where tenant = $1
  and subject_id = $2
  and code_hmac = any($3::bytea[])
"""


async def count_codes(read: Read, tenant: str, subject_id: UUID, code_hmacs: Collection[bytes]) -> int:
    """Return how many of these recovery codes count."""
    return await read.value(COUNT_CODES, tenant, subject_id, list(code_hmacs)) or 0


USE_CODE = """
delete from recovery_codes
where tenant = $1
  and subject_id = $2
  and code_hmac = $3
"""


async def use_code(tx: Tx, tenant: str, subject_id: UUID, code_hmac: bytes) -> bool:
    """Use a recovery code up, and return whether there was one."""
    return await tx.execute(USE_CODE, tenant, subject_id, code_hmac) == 1
