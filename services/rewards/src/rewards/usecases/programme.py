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
class Outcome:
    """How much a load has changed: nothing where there are faults, each of which names its list and its index in it."""

    rules: int = 0
    rewards: int = 0
    faults: tuple[tuple[str, int, Exception], ...] = ()


async def load(tx: Tx, tenant: str, rules: Sequence[Rule], rewards: Sequence[Reward]) -> Outcome:
    """Store what is new of a programme, or nothing where it has faults; safe to repeat."""
    await programme.serialise(tx, tenant)
    known = await programme.rules(tx, tenant)
    faults: list[tuple[str, int, Exception]] = []
    new: list[Rule] = []
    for index, wanted in sorted(enumerate(rules), key=lambda entry: entry[1].valid_from):
        versions = [rule for rule in [*known, *new] if rule.id == wanted.id]
        evaluated_until = tx.now if any(rule.id == wanted.id for rule in known) else None
        try:
            version = next_version(wanted, versions, evaluated_until)
        except (RuleRewritten, RuleTooEarly) as error:
            faults.append(("rules", index, error))
        else:
            new += [version] if version is not None else []
    catalogue = {reward.id: reward for reward in await programme.catalogue(tx, tenant)}
    changed: list[Reward] = []
    for index, reward in enumerate(rewards):
        before = catalogue.get(reward.id)
        if before is not None and before.kind != reward.kind:
            faults.append(("rewards", index, KindChanged()))
        elif before != reward:
            changed.append(reward)
    if faults:
        return Outcome(faults=tuple(faults))
    await programme.add_rules(tx, tenant, new)
    await programme.put_rewards(tx, tenant, changed)
    if new:
        await customers.mark_all(tx, tenant)
    return Outcome(len(new), len(changed))


async def import_codes(tx: Tx, tenant: str, reward_id: str, codes: Sequence[str]) -> int:
    """Put codes into a voucher's pool; return how many were new to it. Raises RewardUnknown for what is no voucher."""
    reward = await programme.find(tx, tenant, reward_id)
    if reward is None or reward.kind != RewardKind.VOUCHER:
        raise RewardUnknown
    return await programme.add_codes(tx, tenant, reward_id, codes)
