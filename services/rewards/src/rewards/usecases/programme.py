"""Loading the programme: rules as new versions, the catalogue, codes into a pool."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.db import Tx
from contracts.rewards import RewardKind

from rewards.domain.programme import RuleRewritten, RuleTooEarly, next_version
from rewards.domain.rewards import KindChanged, Reward, RewardUnknown
from rewards.domain.rules import Rule
from rewards.store import customers, programme


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load has changed; where there are faults, nothing. A fault names its entry by list and place."""

    rules: int = 0
    rewards: int = 0
    faults: tuple[tuple[str, int, Exception], ...] = ()


async def load(tx: Tx, tenant: str, rules: Sequence[Rule], rewards: Sequence[Reward]) -> Loaded:
    """Keep what is new of a programme, or nothing and all its faults; safe to repeat."""
    await programme.lock(tx, tenant)
    known = await programme.rules(tx, tenant)
    faults: list[tuple[str, int, Exception]] = []
    fresh: list[Rule] = []
    for place, wanted in sorted(enumerate(rules), key=lambda entry: entry[1].valid_from):
        versions = [rule for rule in [*known, *fresh] if rule.rule == wanted.rule]
        judged_until = tx.now if any(rule.rule == wanted.rule for rule in known) else None
        try:
            version = next_version(wanted, versions, judged_until)
        except (RuleRewritten, RuleTooEarly) as error:
            faults.append(("rules", place, error))
        else:
            fresh += [version] if version is not None else []
    catalogue = {reward.reward: reward for reward in await programme.catalogue(tx, tenant)}
    changed: list[Reward] = []
    for place, reward in enumerate(rewards):
        before = catalogue.get(reward.reward)
        if before is not None and before.kind != reward.kind:
            faults.append(("rewards", place, KindChanged()))
        elif before != reward:
            changed.append(reward)
    if faults:
        return Loaded(faults=tuple(faults))
    for rule in fresh:
        await programme.add_rule(tx, tenant, rule)
    for reward in changed:
        await programme.put_reward(tx, tenant, reward)
    if fresh:
        await customers.judge_all(tx, tenant)
    return Loaded(len(fresh), len(changed))


async def import_codes(tx: Tx, tenant: str, reward: str, codes: Sequence[str]) -> int:
    """Put codes into a voucher's pool; how many were new to it. Raises RewardUnknown for what is no voucher."""
    known = await programme.find(tx, tenant, reward)
    if known is None or known.kind != RewardKind.VOUCHER:
        raise RewardUnknown
    return await programme.add_codes(tx, tenant, reward, codes)
