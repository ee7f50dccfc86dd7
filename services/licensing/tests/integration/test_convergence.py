"""Whatever order the topics arrive in, and however often, each unit ends with the same right to a key."""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from contracts.event import Event
from contracts.shared import KeySource, KeysPer

from services.licensing.tests.integration.conftest import Counter, Sale, later, serials

HISTORIES = 40
RIGHT = {"issued": "key", "revoked": "none", "refunded": "none", "backordered": "short", "waiting": "waiting"}


@dataclass
class History:
    """What happens to an order, and how each of its units must end."""

    sale: Sale
    events: list[Event]
    stock: list[str]
    expected: dict[UUID, str]


def history(counter: Counter, number: int, rng: random.Random) -> History:
    """A plausible history: ordered, paid by parts, sometimes released later, refilled, refunded."""
    source = rng.choice([KeySource.IMPORTED, KeySource.IMPORTED, KeySource.GENERATED])
    keys_per = rng.choice([KeysPer.UNIT, KeysPer.PURCHASE])
    sale = counter.sale(f"H{number}", rng.choice([1, 2, 3]), key_source=source, keys_per=keys_per)
    now = counter.home.clock.now()
    deliver_from = rng.choice([None, now + timedelta(days=10)])
    released = rng.random() < 0.5
    refunded = [unit for unit in sale.units if rng.random() < 0.4]
    stock = serials(f"H{number}", 3) if rng.random() < 0.7 and source is KeySource.IMPORTED else []
    events: list[Event] = [sale.placed(), sale.paid(later(2), deliver_from=deliver_from)]
    events.append(sale.paid(later(1), sale.units[:1], deliver_from))
    events += [sale.refunded(unit) for unit in refunded]
    if released:
        events += [sale.released(now + timedelta(days=20)), sale.released(now)]

    def ends(unit: UUID) -> str:
        if unit in refunded:
            return "none"
        if deliver_from is not None and not released:
            return "waiting"
        return "key" if stock or source is KeySource.GENERATED else "short"

    return History(sale, events, stock, {unit: ends(unit) for unit in sale.units})


async def test_any_order_and_repetition_of_events_ends_the_same(counter: Counter):
    rng = random.Random(20261102)
    histories = [history(counter, number, rng) for number in range(HISTORIES)]
    deeds: list[tuple[Event | History, UUID]] = [
        (event, uuid4()) for one in histories for event in one.events for _ in range(rng.choice([1, 2]))
    ]
    deeds += [(deed, id_) for deed, id_ in deeds if rng.random() < 0.3]  # the log itself repeats, with the same id
    deeds += [(one, uuid4()) for one in histories if one.stock]
    rng.shuffle(deeds)

    async def do(deed: Event | History, id_: UUID) -> None:
        if isinstance(deed, History):
            assert (await counter.fill(deed.sale.sku, "\n".join(deed.stock)))[0] == 201
        else:
            await counter.home.say(deed, event_id=id_)

    for start in range(0, len(deeds), 5):
        await asyncio.gather(*(do(*deed) for deed in deeds[start : start + 5]))
    await counter.quiet()
    await asyncio.sleep(1.2)  # one more turn of the sweep changes nothing
    await counter.quiet()

    rows = await counter.home.sql("select unit, state from units")
    ended = {row["unit"]: RIGHT[row["state"]] for row in rows}
    assert {unit: ended[unit] for one in histories for unit in one.expected} == {
        unit: right for one in histories for unit, right in one.expected.items()
    }
    texts = await keys_of(counter, [one.sale for one in histories])
    for one in histories:
        rights: dict[str, set[str]] = {}
        for unit, right in one.expected.items():
            if unit in texts:
                rights.setdefault(texts[unit], set()).add(right)
            else:
                assert right != "key"
        for text, shared_by in rights.items():  # a shared key counts as long as it is anybody's right
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
