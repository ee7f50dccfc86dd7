"""The programme: versions of rules, the catalogue, pools of voucher codes."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.db import Tx

from rewards.domain.rewards import Reward
from rewards.domain.rules import Rule, RuleKind

# two operators who load at once would both make the same version
LOCK = """
select pg_advisory_xact_lock(hashtextextended('programme ' || $1, 0))
"""

RULES = """
select rule, version, kind, valid_from, valid_until, points, per_minutes, minimum_minutes, minimum_participants,
       cap_day, cap_month, markets, expires_after_days
from rules
where tenant = $1
order by rule, version
"""

ADD_RULE = """
insert into rules
  (tenant, rule, version, kind, valid_from, valid_until, points, per_minutes, minimum_minutes, minimum_participants,
   cap_day, cap_month, markets, expires_after_days)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""

CATALOGUE = """
select reward, kind, name_de, name_en, points, markets, member_limit as limit, valid_from, valid_until
from rewards
where tenant = $1
order by points, reward
"""

FIND = """
select reward, kind, name_de, name_en, points, markets, member_limit as limit, valid_from, valid_until
from rewards
where tenant = $1
  and reward = $2
"""

PUT_REWARD = """
insert into rewards
  (tenant, reward, kind, name_de, name_en, points, markets, member_limit, valid_from, valid_until)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (tenant, reward) do update
set name_de = excluded.name_de,
    name_en = excluded.name_en,
    points = excluded.points,
    markets = excluded.markets,
    member_limit = excluded.member_limit,
    valid_from = excluded.valid_from,
    valid_until = excluded.valid_until
"""

STOCKED = """
select reward
from rewards
where tenant = $1
  and exists (
    select
    from codes
    where codes.tenant = rewards.tenant
      and codes.reward = rewards.reward
      and codes.redemption is null
  )
"""

ADD_CODES = """
insert into codes (tenant, reward, hash, code, imported_at)
select $1, $2, hash, code, $5
from unnest($3::bytea[], $4::text[]) as said (hash, code)
on conflict do nothing
"""

NEXT_CODE = """
select hash, code
from codes
where tenant = $1
  and reward = $2
  and redemption is null
order by imported_at, hash
limit 1
for update skip locked
"""

HAND_OUT = """
update codes
set redemption = $4, code = null
where tenant = $1
  and reward = $2
  and hash = $3
"""


async def lock(tx: Tx, tenant: str) -> None:
    """Change a tenant's programme alone."""
    await tx.value(LOCK, tenant)


async def rules(tx: Tx, tenant: str) -> list[Rule]:
    """Every version of every rule."""
    return [_rule(dict(row)) for row in await tx.fetch(RULES, tenant)]


async def add_rule(tx: Tx, tenant: str, rule: Rule) -> None:
    """Keep a new version of a rule."""
    await tx.execute(
        ADD_RULE,
        tenant,
        rule.rule,
        rule.version,
        rule.kind,
        rule.valid_from,
        rule.valid_until,
        rule.points,
        rule.per_minutes,
        rule.minimum_minutes,
        rule.minimum_participants,
        rule.cap_day,
        rule.cap_month,
        sorted(rule.markets),
        rule.expires_after_days,
    )


async def catalogue(tx: Tx, tenant: str) -> list[Reward]:
    """Every reward, cheapest first."""
    return [_reward(dict(row)) for row in await tx.fetch(CATALOGUE, tenant)]


async def find(tx: Tx, tenant: str, reward: str) -> Reward | None:
    """A reward."""
    row = await tx.row(FIND, tenant, reward)
    return None if row is None else _reward(dict(row))


async def put_reward(tx: Tx, tenant: str, reward: Reward) -> None:
    """Keep a reward as it is now; what was redeemed keeps its points."""
    facts = (reward.name_de, reward.name_en, reward.points, sorted(reward.markets), reward.limit)
    await tx.execute(PUT_REWARD, tenant, reward.reward, reward.kind, *facts, reward.valid_from, reward.valid_until)


async def stocked(tx: Tx, tenant: str) -> set[str]:
    """The rewards of which a code is left."""
    return {row["reward"] for row in await tx.fetch(STOCKED, tenant)}


async def add_codes(tx: Tx, tenant: str, reward: str, codes: Sequence[str]) -> int:
    """Put codes into a pool; how many were new to it."""
    hashes = [hashlib.sha256(code.encode()).digest() for code in codes]
    return await tx.execute(ADD_CODES, tenant, reward, hashes, codes, tx.now)


async def hand_out(tx: Tx, tenant: str, reward: str, redemption: UUID) -> str | None:
    """Take one code out of a pool, whoever else is taking one; None where none is left."""
    row = await tx.row(NEXT_CODE, tenant, reward)
    if row is None:
        return None
    await tx.execute(HAND_OUT, tenant, reward, row["hash"], redemption)
    return row["code"]


def _rule(row: dict[str, Any]) -> Rule:
    row["markets"], row["kind"] = frozenset(row["markets"]), RuleKind(row["kind"])
    return Rule(**row)


def _reward(row: dict[str, Any]) -> Reward:
    row["markets"] = frozenset(row["markets"])
    return Reward(**row)
