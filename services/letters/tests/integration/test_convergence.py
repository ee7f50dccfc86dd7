"""Whatever order the topics arrive in, and however often, the same e-mails go out and the same units are delivered."""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing import Harness, Histories
from chassis_testing.harness import until
from contracts.accounts import KeyDestroyed, KeyKind
from contracts.event import Event
from contracts.orders import Line
from contracts.shared import ErasureConfirmed
from contracts.wire import decode

from .catcher import Catcher
from .sale import Sale, line

KEYS_PER = ("unit", "purchase")
OPEN = "select count(*) from emails where state in ('waiting', 'sending') and order_id = any($1::uuid[])"
SCHEDULED = "select count(*) from orders where conclude_at is not null and id = any($1::uuid[])"
MAILED = """
select kind, unit_ids,
       (select count(*) from email_contents contents where contents.order_id = emails.order_id
                       and contents.emailed_in = emails.sequence and length(part) = 32) as links,
       (select count(*) from email_contents contents where contents.order_id = emails.order_id
                       and contents.emailed_in = emails.sequence and length(part) = 16) as keys
from emails
where order_id = $1
  and state = 'sent'
"""


def history(seed: int, home: Harness) -> tuple[Sale, list[Event]]:
    """A sale made the same for each seed but for its ids: paid at once or late, in parts, partly taken back.

    Some are cancelled instead, and some customers are erased before anything could be sent to them.
    """
    rng = random.Random(seed)
    sources = ("imported", "generated", "none")
    lines = [
        line(f"SKU-{number}", units=rng.randint(1, 3), key_source=rng.choice(sources), keys_per=rng.choice(KEYS_PER))
        for number in range(rng.randint(1, 3))
    ]
    if rng.random() < 0.3:
        lines.append(line("BOX", fulfilment="boxed", key_source="none"))
    if rng.random() < 0.3:
        waiting = home.clock.now() + timedelta(days=14)
        lines = [one.model_copy(update={"deliver_from": waiting}) for one in lines]
    by_transfer = rng.random() < 0.4
    sale = Sale(home, lines, changes={"payment_method": "transfer" if by_transfer else "card"})
    events: list[Any] = [sale.placed()]
    if by_transfer:
        events.append(sale.requested())
    if by_transfer and rng.random() < 0.2:
        return sale, [*events, sale.cancelled()]
    after = rng.choice([5, 61]) if not by_transfer else 3 * 86_400
    in_parts = len(lines[0].units) > 1 and rng.random() < 0.5
    if in_parts:
        first, rest = (lines[0].model_copy(update={"units": units}) for units in parted(lines[0]))
        events += [sale.paid(after=after, lines=[first]), sale.paid(after=after, lines=[rest, *lines[1:]])]
    elif len(lines) > 1 and rng.random() < 0.4:
        events += [sale.paid(after=after, lines=lines[:1]), sale.paid(after=after, lines=lines[1:])]
    else:
        events.append(sale.paid(after=after))
    if lines[0].deliver_from and rng.random() < 0.7:
        events.append(sale.released(lines, home.clock.now() - timedelta(days=1)))
    elif lines[0].deliver_from:
        events.append(sale.released(lines, home.clock.now() + timedelta(days=2)))
    gone = lines[0].units[:1] if rng.random() < 0.3 else []
    if gone:
        refunded = sale.refunded(lines[0], gone)
        events += [refunded, sale.repaid(refunded)]
    for one in lines:
        if one.fulfilment != "download":
            continue
        granted = sale.granted(one)
        if in_parts and one is lines[0]:  # the same link is published again with more units
            events.append(granted.model_copy(update={"units": one.units[:1]}))
        events.append(granted)
        if one.keys_per == "purchase" and one.key_source != "none":
            key = sale.shared(one, one.units)
            events += [key] if one is not lines[0] else [key, key.model_copy(update={"units": one.units[:1]})]
            if rng.random() < 0.3:
                events += [sale.backordered(one, unit) for unit in one.units]
            continue
        for unit in one.units if one.key_source != "none" else []:
            if unit in gone:
                continue
            if rng.random() < 0.3:
                events.append(sale.backordered(one, unit))
            events.append(sale.issued(one, unit))
    events += [sale.extended(one) for one in lines if one.fulfilment == "download" and rng.random() < 0.3]
    if rng.random() < 0.15:
        events.append(destroyed(sale))
    return sale, events


def destroyed(sale: Sale) -> KeyDestroyed:
    """Nobody can read the customer's address any more."""
    sale.home.accounts.erased.add(sale.contact.key)
    head = {"tenant": sale.tenant, "customer": UUID(int=sale.order.int ^ 1), "key": sale.contact.key}
    return KeyDestroyed.model_validate({**KeyDestroyed.EXAMPLE, **head, "kind": KeyKind.CONTACT})


def parted(one: Line) -> tuple[list[UUID], list[UUID]]:
    """The units of a line that are paid first, and the others."""
    return one.units[:1], one.units[1:]


async def play(house: Harness, events: list[Event], dice: random.Random | None) -> None:
    """Publish them straight, or by these dice permuted and repeated, with the same ids or with others."""
    published = [(event, uuid4()) for event in events]
    if dice is not None:
        published += dice.choices(published, k=2)
        once_more = dice.choices(published, k=1)
        published += [(event, uuid4()) for event, _ in once_more if not isinstance(event, KeyDestroyed)]
        dice.shuffle(published)
    for event, id_ in published:
        await house.publish(event, event_id=id_)


@pytest.mark.histories(24)
async def test_F_M29_the_same_emails_and_units_in_the_end(home: Harness, catcher: Catcher, histories: Histories):
    home.accounts.away = True  # nothing is sent before everything is consumed
    sales: list[tuple[int, Sale]] = []
    plays: list[Coroutine[Any, Any, Any]] = []
    gone: set[UUID] = set()
    for seed in histories:
        for dice in (None, random.Random(f"{seed} told")):
            sale, events = history(seed, home)
            plays.append(play(home, events, dice))
            sales.append((seed, sale))
            gone |= {event.key for event in events if isinstance(event, KeyDestroyed)}
    await asyncio.gather(*plays)
    await home.settled()
    home.accounts.away = False
    home.shift_clock(3 * 86_400)

    async def none(query: str) -> bool:
        return (await home.sql(query, [sale.order for _, sale in sales]))[0][0] == 0

    await until(lambda: none(SCHEDULED), timeout=40, what="nothing to be due later")
    home.shift_clock(10)
    await until(lambda: none(OPEN), timeout=60, what="every e-mail to be sent")
    ends: dict[int, list[Any]] = {}
    for seed, sale in sales:
        with histories.naming(seed):
            mailed = await outcome(home, sale)
            ends.setdefault(seed, [mailed]).append(mailed)
            assert mailed == ends[seed][0]
            assert not (mailed and sale.contact.key in gone)
            sent = mailed.total()
            assert len(await catcher.mails(sale.email, sent)) == sent
    erasures = [decode("ErasureConfirmed", one.value) for one in home.log.get("ErasureConfirmed", [])]
    confirmed = Counter(one.key for one in erasures if isinstance(one, ErasureConfirmed) and one.key in gone)
    assert confirmed == Counter(gone)


async def outcome(house: Harness, sale: Sale) -> Counter[tuple[Any, ...]]:
    """Which e-mails went out, by the numbers of the units they name."""
    numbers = {unit: number for number, unit in enumerate(unit for one in sale.lines for unit in one.units)}

    def named(row: Any) -> tuple[int, ...]:
        return tuple(sorted(numbers[unit] for unit in row["unit_ids"]))

    rows = await house.sql(MAILED, sale.order)
    return Counter((row["kind"], named(row), row["links"], row["keys"]) for row in rows)
