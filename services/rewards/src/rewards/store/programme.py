"""The programme: versions of rules, and the catalogue."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson
from chassis.db import Read, Tx

from rewards.domain.rewards import Reward
from rewards.domain.rules import Rule, RuleKind

SERIALISE = """
select pg_advisory_xact_lock(hashtextextended('programme ' || $1, 0))
"""


async def serialise(tx: Tx, tenant: str) -> None:
    """Serialise the changes of a tenant's programme, for two operators would make the same version of a rule."""
    await tx.execute(SERIALISE, tenant)


RULES = """
select id, version, kind, valid_from, valid_until, points, per_minutes, minimum_minutes, minimum_participants,
       cap_day, cap_month, markets, expires_after_days, expires_after_months
from rules
where tenant = $1
order by id, version
"""


async def rules(read: Read, tenant: str) -> list[Rule]:
    """Return every version of every rule."""
    return [_rule(dict(row)) for row in await read.fetch(RULES, tenant)]


ADD_RULES = """
insert into rules
  (tenant, id, version, kind, valid_from, valid_until, points, per_minutes, minimum_minutes, minimum_participants,
   cap_day, cap_month, markets, expires_after_days, expires_after_months)
select $1, id, version, kind, valid_from, valid_until, points, per_minutes, minimum_minutes, minimum_participants,
       cap_day, cap_month, markets, expires_after_days, expires_after_months
from jsonb_to_recordset($2::jsonb) as rule
  (id text, version integer, kind text, valid_from timestamptz, valid_until timestamptz, points integer,
   per_minutes integer, minimum_minutes integer, minimum_participants integer, cap_day integer, cap_month integer,
   markets text[], expires_after_days integer, expires_after_months integer)
"""


async def add_rules(tx: Tx, tenant: str, versions: Sequence[Rule]) -> None:
    """Add new versions of rules."""
    await tx.execute(ADD_RULES, tenant, _json(versions))


CATALOGUE = """
select id, kind, name_de, name_en, points, markets, member_limit as limit, valid_from, valid_until
from rewards
where tenant = $1
  and ($2::text is null or id = $2)
order by points, id
"""


async def catalogue(read: Read, tenant: str) -> list[Reward]:
    """Return every reward, cheapest first."""
    return [_reward(dict(row)) for row in await read.fetch(CATALOGUE, tenant, None)]


async def find(read: Read, tenant: str, reward_id: str) -> Reward | None:
    """Return a reward."""
    row = await read.row(CATALOGUE, tenant, reward_id)
    return None if row is None else _reward(dict(row))


PUT_REWARDS = """
insert into rewards (tenant, id, kind, name_de, name_en, points, markets, member_limit, valid_from, valid_until)
select $1, id, kind, name_de, name_en, points, markets, reward.limit, valid_from, valid_until
from jsonb_to_recordset($2::jsonb) as reward
  (id text, kind text, name_de text, name_en text, points integer, markets text[], "limit" integer,
   valid_from timestamptz, valid_until timestamptz)
on conflict (tenant, id) do update
set name_de = excluded.name_de,
    name_en = excluded.name_en,
    points = excluded.points,
    markets = excluded.markets,
    member_limit = excluded.member_limit,
    valid_from = excluded.valid_from,
    valid_until = excluded.valid_until
"""


async def put_rewards(tx: Tx, tenant: str, rewards: Sequence[Reward]) -> None:
    """Store rewards as they are now; what was redeemed keeps its points."""
    await tx.execute(PUT_REWARDS, tenant, _json(rewards))


STOCKED = """
select id
from rewards
where tenant = $1
  and exists (
    select
    from codes
    where codes.tenant = rewards.tenant
      and codes.reward_id = rewards.id
      and codes.redemption_id is null
      and not codes.unreadable
  )
"""


async def stocked(read: Read, tenant: str) -> set[str]:
    """Return the ids of the rewards of which a code is left."""
    return {row["id"] for row in await read.fetch(STOCKED, tenant)}


def _json(items: Sequence[Rule] | Sequence[Reward]) -> str:
    return orjson.dumps([{**asdict(item), "markets": sorted(item.markets)} for item in items]).decode()


def _rule(row: dict[str, Any]) -> Rule:
    row["markets"], row["kind"] = frozenset(row["markets"]), RuleKind(row["kind"])
    return Rule(**row)


def _reward(row: dict[str, Any]) -> Reward:
    row["markets"] = frozenset(row["markets"])
    return Reward(**row)
