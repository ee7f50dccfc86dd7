"""Second factors: wrapped secrets, the last time step that counted, marks of recovery codes."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Tx

PUT = """
insert into second_factors (tenant, subject, factor, wrapped, begun_at)
values ($1, $2, $3, $4, $5)
on conflict (tenant, subject) do update
set factor = excluded.factor,
    wrapped = excluded.wrapped,
    begun_at = excluded.begun_at
where second_factors.confirmed_at is null
returning factor
"""

LOCK = """
select factor, wrapped, begun_at, confirmed_at, last_step,
       floor(extract(epoch from clock_timestamp()) / $3::int)::bigint as step
from second_factors
where tenant = $1
  and subject = $2
for update
"""

SEE = """
select second_factors.confirmed_at, count(recovery_codes.mark) as codes
from second_factors
left join recovery_codes using (tenant, subject)
where second_factors.tenant = $1
  and second_factors.subject = $2
  and second_factors.confirmed_at is not null
group by second_factors.confirmed_at
"""

CONFIRM = """
update second_factors
set confirmed_at = $3
where tenant = $1
  and subject = $2
"""

USE_STEP = """
update second_factors
set last_step = $3
where tenant = $1
  and subject = $2
"""

REMOVE = """
delete from second_factors
where tenant = $1
  and subject = $2
returning confirmed_at
"""

REMOVE_UNCONFIRMED = """
delete from second_factors
where tenant = $1
  and subject = $2
  and confirmed_at is null
"""

REMOVE_CODES = """
delete from recovery_codes
where tenant = $1
  and subject = $2
"""

ADD_CODES = """
insert into recovery_codes (tenant, subject, mark)
select $1, $2, mark
from unnest($3::bytea[]) as made (mark)
"""

USE_CODE = """
delete from recovery_codes
where tenant = $1
  and subject = $2
  and mark = $3
"""


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor, enrolled or being enrolled; `step` is the present time step."""

    factor: UUID
    wrapped: bytes = field(repr=False)
    begun_at: datetime
    confirmed_at: datetime | None
    last_step: int | None
    step: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What is shown of a second factor: since when, and how many recovery codes are left."""

    confirmed_at: datetime
    codes: int


async def put(tx: Tx, tenant: str, subject: UUID, factor: UUID, wrapped: bytes) -> bool:
    """Begin an enrolment, in place of an unfinished one; False where a factor is enrolled already."""
    return await tx.value(PUT, tenant, subject, factor, wrapped, tx.now) is not None


async def lock(tx: Tx, tenant: str, subject: UUID, step_seconds: int) -> Factor | None:
    """The factor of somebody, which nobody else uses meanwhile."""
    row = await tx.row(LOCK, tenant, subject, step_seconds)
    return None if row is None else Factor(**dict(row))


async def see(tx: Tx, tenant: str, subject: UUID) -> Seen | None:
    """What is shown of an enrolled factor."""
    row = await tx.row(SEE, tenant, subject)
    return None if row is None else Seen(**dict(row))


async def confirm(tx: Tx, tenant: str, subject: UUID) -> None:
    """Let the factor count from now on."""
    await tx.execute(CONFIRM, tenant, subject, tx.now)


async def use_step(tx: Tx, tenant: str, subject: UUID, step: int) -> None:
    """Remember the time step of a code that has counted."""
    await tx.execute(USE_STEP, tenant, subject, step)


async def remove(tx: Tx, tenant: str, subject: UUID) -> bool:
    """Remove a factor with its recovery codes; whether it was enrolled."""
    return await tx.value(REMOVE, tenant, subject) is not None


async def remove_unconfirmed(tx: Tx, tenant: str, subject: UUID) -> None:
    """Break an unfinished enrolment off."""
    await tx.execute(REMOVE_UNCONFIRMED, tenant, subject)


async def replace_codes(tx: Tx, tenant: str, subject: UUID, marks: Collection[bytes]) -> None:
    """Let these recovery codes count, and no others."""
    await tx.execute(REMOVE_CODES, tenant, subject)
    await tx.execute(ADD_CODES, tenant, subject, list(marks))


async def use_code(tx: Tx, tenant: str, subject: UUID, mark: bytes) -> bool:
    """Use a recovery code up; whether there was one."""
    return await tx.execute(USE_CODE, tenant, subject, mark) == 1
