"""Who works for a tenant, and how they sign in, as administrators see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read
from contracts.event import Sealed

MOST = 500


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff; name and e-mail address are sealed to their own key.

    `seen_at` is when they last signed in or came again, as far back as sessions and networks are kept.
    """

    id: UUID
    name: Sealed
    email: Sealed
    roles: Sequence[str]
    added_at: datetime
    seen_at: datetime | None
    invited_until: datetime | None
    has_password: bool
    second_factor: bool
    passkeys: int


ALL = """
select s.id, s.name, s.email, l.roles, s.added_at, l.password_hash is not null as has_password,
       (
         select i.expires_at
         from invitations i
         where i.tenant = s.tenant and i.subject_id = s.id
       ) as invited_until,
       greatest(
         (select max(used_at) from sessions where sessions.tenant = s.tenant and sessions.subject_id = s.id),
         (select max(used_at) from known_networks k where k.tenant = s.tenant and k.subject_id = s.id)
       ) as seen_at,
       exists (
         select from second_factors f
         where f.tenant = s.tenant and f.subject_id = s.id and f.confirmed_at is not null
       ) as second_factor,
       (select count(*) from passkeys p where p.tenant = s.tenant and p.subject_id = s.id) as passkeys
from staff s
join logins l on l.tenant = s.tenant and l.subject_id = s.id
where s.tenant = $1
  and s.left_at is null
order by s.added_at, s.id
limit $2
"""


async def everybody(read: Read, tenant: str) -> list[Member]:
    """Return who works for a tenant, 500 at most, those first who have been here longest."""
    return [_member(dict(row)) for row in await read.fetch(ALL, tenant, MOST)]


def _member(row: dict[str, Any]) -> Member:
    row["name"], row["email"] = Sealed.parse(row["name"]), Sealed.parse(row["email"])
    return Member(**row)
