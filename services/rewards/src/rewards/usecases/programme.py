"""Loading the programme: rules as new versions, and the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.db import Tx

from rewards.domain.programme import Effect, RuleRewritten, RuleTooEarly, next_version
from rewards.domain.rewards import KindChanged, Reward
from rewards.domain.rules import Rule
from rewards.store import customers, programme
from rewards.usecases import evaluating

NOTHING = Effect()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How much a load has changed: nothing where there are faults, each of which names its list and its index in it.

    `effect` is what it does to meetings that were held already, `stored` whether it was stored.
    """

    rules: int = 0
    rewards: int = 0
    faults: tuple[tuple[str, int, Exception], ...] = ()
    effect: Effect = NOTHING
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """What the operator allows a load to do: correct versions that are known, and change what was held already."""

    correct: bool = False
    past: bool = False
    store: bool = True


async def load(
    tx: Tx, tenant: str, rules: Sequence[Rule], rewards: Sequence[Reward], allowed: Permission = Permission()
) -> Outcome:
    """Store what is new of a programme, or nothing where it has faults or does what is not allowed; safe to repeat."""
    await programme.serialise(tx, tenant)
    known = await programme.rules(tx, tenant)
    faults: list[tuple[str, int, Exception]] = []
    new: list[Rule] = []
    for index, wanted in sorted(enumerate(rules), key=lambda entry: entry[1].valid_from):
        versions = [rule for rule in [*known, *new] if rule.id == wanted.id]
        evaluated_until = tx.now if any(rule.id == wanted.id for rule in known) else None
        try:
            version = next_version(wanted, versions, evaluated_until, correct=allowed.correct)
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
    since = min((rule.valid_from for rule in new), default=tx.now)
    reaches_back = since < tx.now
    effect = await evaluating.effect(tx, tenant, [*known, *new], since) if reaches_back else NOTHING
    stored = allowed.store and (allowed.past or not effect.members)
    if stored:
        await programme.add_rules(tx, tenant, new)
        await programme.put_rewards(tx, tenant, changed)
        loaded = {
            "rules": [f"{rule.id} from {rule.valid_from}" for rule in new],
            "rewards": [one.id for one in changed],
        }
        tx.audit("programme", tenant, after=loaded)
    if stored and reaches_back:
        # also those of whom a meeting comes in just now
        await customers.mark_all(tx, tenant, since)
    return Outcome(len(new), len(changed), effect=effect, stored=stored)
