"""Whatever order the topics arrive in, and however often, each unit ends with the same right to a key."""

import asyncio
import random
from collections import Counter as Count
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from chassis_testing import Histories
from contracts.accounts import KeyDestroyed, KeyKind
from contracts.event import Event
from contracts.shared import ErasureConfirmed, KeySource, KeysPer
from contracts.wire import decode

from services.licensing.tests.integration.conftest import Counter, Sale, later, serials

RIGHT = {"issued": "key", "revoked": "none", "refunded": "none", "backordered": "short", "waiting": "waiting"}
RESERVED = "select 1 from reservations where order_id = $1 and not ended"


@dataclass(frozen=True)
class Refill:
    """Staff fills the stock."""

    sku: str
    serials: list[str]


Deed = tuple[Event, UUID] | Refill


@dataclass
class History:
    """What happens to an order, how each of its units must end, and what is told when."""

    sale: Sale
    expected: dict[UUID, str]
    erased: UUID | None
    told: list[Deed]


def history(counter: Counter, seed: int) -> History:
    """A plausible history: ordered, paid by parts, sometimes released later, refilled, refunded; or cancelled."""
    rng = random.Random(seed)
    sku = f"H{seed}-{uuid4().hex[:6]}"
    source = rng.choice([KeySource.IMPORTED, KeySource.IMPORTED, KeySource.GENERATED])
    keys_per = rng.choice([KeysPer.UNIT, KeysPer.PURCHASE])
    count = rng.choice([1, 2, 3]) + (2 if keys_per is KeysPer.PURCHASE else 0)
    sale = counter.sale(sku, count, key_source=source, keys_per=keys_per)
    now = counter.home.clock.now()
    deliver_from = rng.choice([None, now + timedelta(days=10)])
    released = rng.random() < 0.5
    refunded = [unit for unit in sale.units if rng.random() < 0.4]
    stock = serials(sku, 3) if rng.random() < 0.7 and source is KeySource.IMPORTED else []
    cancelled = rng.random() < 0.15
    events: list[Event] = [sale.placed()]
    if cancelled:
        events.append(sale.cancelled())
    else:
        events += [sale.paid(later(2), deliver_from=deliver_from), sale.paid(later(1), sale.units[:1], deliver_from)]
        events += [sale.paid(later(3), [unit], deliver_from) for unit in sale.units[1:]]
        events += [sale.refunded(unit) for unit in refunded]
        if released:
            events += [sale.released(now + timedelta(days=20)), sale.released(now)]
    erased = uuid4() if rng.random() < 0.3 else None

    def ends(unit: UUID) -> str:
        if unit in refunded:
            return "none"
        if deliver_from is not None and not released:
            return "waiting"
        return "key" if stock or source is KeySource.GENERATED else "short"

    expected = {} if cancelled else {unit: ends(unit) for unit in sale.units}
    return History(sale, expected, erased, disordered(rng, sale, events, erased, stock))


def disordered(
    rng: random.Random, sale: Sale, events: list[Event], erased: UUID | None, stock: list[str]
) -> list[Deed]:
    """The same in any order: producers say things again, the log repeats what it has with the same id."""
    told: list[Deed] = [(event, uuid4()) for event in events for _ in range(rng.choice([1, 2]))]
    if erased is not None:
        facts = {"tenant": sale.tenant, "customer": sale.customer, "key": erased, "kind": KeyKind.PROFILE}
        told.append((KeyDestroyed.model_validate({**KeyDestroyed.EXAMPLE, **facts}), uuid4()))
    told += [deed for deed in told if rng.random() < 0.3]
    told += [Refill(sale.sku, stock)] if stock else []
    rng.shuffle(told)
    return told


async def do(counter: Counter, deed: Deed) -> None:
    if isinstance(deed, Refill):
        assert (await counter.fill(deed.sku, "\n".join(deed.serials)))[0] == 201
    else:
        await counter.home.publish(deed[0], event_id=deed[1])


@pytest.mark.histories(40)
async def test_F_P09_F_L01_F_L02_F_L05_any_order_and_repetition_of_events_ends_the_same(
    counter: Counter, histories: Histories
):
    played = {seed: history(counter, seed) for seed in histories}
    told = {seed: one.told for seed, one in played.items()}
    await histories.play(told, partial(do, counter), counter.quiet)  # so that keys are given between payments
    await counter.quiet()
    await asyncio.sleep(1.2)  # one more turn of the sweep changes nothing
    await counter.quiet()

    rows = await counter.home.sql("select id as unit, state from units")
    ended = {row["unit"]: RIGHT[row["state"]] for row in rows}
    texts = await keys_of(counter, [one.sale for one in played.values()])
    said = [decode("ErasureConfirmed", one.value) for one in counter.home.log.get("ErasureConfirmed", [])]
    confirmed = Count(one.key for one in said if isinstance(one, ErasureConfirmed))
    for seed, one in played.items():
        with histories.naming(seed):
            assert {unit: ended.get(unit) for unit in one.expected} == one.expected
            assert not await counter.home.sql(RESERVED, one.sale.order)
            assert one.erased is None or confirmed[one.erased] == 1
            await check_keys(counter, one, texts)


async def check_keys(counter: Counter, one: History, texts: dict[UUID, str]) -> None:
    """Each right has its key, and a key counts as long as it is anybody's right."""
    rights: dict[str, set[str]] = {}
    for unit, right in one.expected.items():
        if unit in texts:
            rights.setdefault(texts[unit], set()).add(right)
        else:
            assert right != "key"
    for text, shared_by in rights.items():
        assert await counter.validate(text) == ("valid" if "key" in shared_by else "revoked")
    if one.sale.keys_per is KeysPer.PURCHASE:
        assert sum("key" in shared_by for shared_by in rights.values()) <= 1
    else:
        assert len(rights) == sum(unit in texts for unit in one.sale.units)


async def keys_of(counter: Counter, sales: list[Sale]) -> dict[UUID, str]:
    """The key of each unit; no key is that of two sales."""
    each = [await counter.texts(sale) for sale in sales]
    assert len({text for texts in each for text in texts.values()}) == sum(len(set(texts.values())) for texts in each)
    return {unit: text for texts in each for unit, text in texts.items()}
