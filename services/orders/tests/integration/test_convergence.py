"""Whatever order the topics arrive in, and however often, an order ends in the same state."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing import Histories, until
from contracts.accounts import KeyDestroyed, KeyKind
from contracts.delivery import DownloadExtended, DownloadGranted
from contracts.event import Event, Sealed
from contracts.mail_relay import ClaimDecided
from contracts.orders import OrderCancelled, OrderPaid, OrderPlaced, OrderRefunded
from contracts.payments import PaymentRefunded, TransferReceived
from contracts.shared import ErasureConfirmed
from contracts.wire import decode

from services.orders.tests.integration.conftest import CONSENTS, Shop, header, units_of

PERIOD = timedelta(days=25)  # 14, and the bank days after the longest row of holidays
OUTCOME = """
select state, closed_at is not null as closed, contact_until, ordered_at,
       (select array_agg((paid_at is null, delivered_at is null, refunded_at is null, cancelled_at is null)::text
                         order by position)
        from units
        where units.order_id = orders.id) as units,
       (select array_agg(deliver_from > ordered_at + interval '1 day' order by position)
        from lines
        where lines.order_id = orders.id) as waits
from orders
where id = $1
"""
UNPAID = """
select 1
from units
where order_id = any($1)
  and paid_at is null
  and refunded_at is null
  and cancelled_at is null
"""


class Action(StrEnum):
    """What the customer does meanwhile, by the end of its address."""

    CONSENTS = "consents"
    CANCELS = "cancellation"


@dataclass(frozen=True)
class History:
    """What happens to one order, in the order in which it makes sense, and the state it must end in."""

    placed: OrderPlaced
    customer: UUID
    steps: list[Event | Action]
    ends: str
    lapse: list[UUID]  # the units that are never paid

    @property
    def released(self) -> int:
        return int(Action.CONSENTS in self.steps)


async def placed(shop: Shop, rng: random.Random) -> tuple[UUID, OrderPlaced]:
    consents = CONSENTS if rng.random() < 0.5 else []
    customer = uuid4()
    body = shop.request({"VISTA-HP-ESD": rng.randint(1, 3)}, payment_method="transfer", consents=consents)
    return customer, await shop.buy(customer, body)


async def history(shop: Shop, seed: int) -> History:
    """Paid by parts, granted, sent, extended, paid back at the provider; what is never paid is cancelled, or lapses."""
    rng = random.Random(seed)
    customer, order = await placed(shop, rng)
    steps: list[Event | Action] = []
    if not order.consents and rng.random() < 0.6:
        steps.append(Action.CONSENTS)
    if rng.random() < 0.3:
        steps += [Action.CANCELS] if rng.random() < 0.5 else []
        ends, lapse = "cancelled", units_of(order)
    else:
        bought, ends, lapse = sale(shop, order, rng)
        steps += bought
    if rng.random() < 0.3:
        key = order.keys.profile.key
        facts: dict[str, Any] = {"kind": KeyKind.PROFILE, "destroyed_at": order.ordered_at}
        steps.append(KeyDestroyed(tenant=order.tenant, customer=customer, key=key, **facts))
    return History(order, customer, steps, ends, lapse)


def sale(shop: Shop, order: OrderPlaced, rng: random.Random) -> tuple[list[Event | Action], str, list[UUID]]:
    """What the other services say of an order that is paid, maybe in part, how it ends, and which units lapse."""
    units = units_of(order)
    lapse = units[1:] if rng.random() < 0.3 else []
    units = units[: len(units) - len(lapse)]
    receipt: dict[str, Any] = {"amount": order.totals.gross, "currency": "EUR", "booked_at": order.ordered_at}
    steps: list[Event | Action] = [TransferReceived(**header(order), receipt=uuid4(), units=units[:1], **receipt)]
    steps.append(TransferReceived(**header(order), receipt=uuid4(), units=units, **receipt))
    line = order.lines[0]
    grant: dict[str, Any] = {"line": line.line, "grant": uuid4(), "download_limit": 5}
    token = Sealed(key=uuid4(), kind="token", box=b"")
    until = order.ordered_at.replace(year=order.ordered_at.year + 1)
    granted: dict[str, Any] = {"sku": line.sku, "units": units, "files": [], "token": token, "valid_until": until}
    steps.append(DownloadGranted(**header(order), **grant, **granted))
    if rng.random() < 0.5:
        extended = until.replace(year=until.year + 1)
        steps.append(DownloadExtended(**header(order), **grant, valid_until=extended))
    steps += [shop.sent(order, [unit]) for unit in units]
    if lapse or rng.random() < 0.4:
        return steps, "delivered", lapse
    if rng.random() < 0.4:
        claimed = {"tenant": order.tenant, "order": order.order, "units": units}
        return [*steps, ClaimDecided.model_validate({**ClaimDecided.EXAMPLE, **claimed})], "refunded", lapse
    repaid: dict[str, Any] = {"origin": "provider", "currency": "EUR"}
    facts: dict[str, Any] = {"reference": "re_1", "refunded_at": order.ordered_at}
    part = rng.randint(1, order.totals.gross - 1)
    parts = [part, order.totals.gross - part] if rng.random() < 0.5 else [order.totals.gross]
    back = [PaymentRefunded(**header(order), repayment=uuid4(), amount=amount, **repaid, **facts) for amount in parts]
    return [*steps, *back], "refunded", lapse


@dataclass(frozen=True)
class Step:
    """One step of a history, with its producer's id and sequence."""

    of: History
    what: Event | Action
    event_id: UUID
    sequence: int


def steps_of(shop: Shop, one: History, rng: random.Random | None = None) -> list[Step]:
    """The steps of a history in their order, or permuted and repeated by these dice."""
    base = shop.home.next_sequence(len(one.steps) + 1)
    steps = [Step(one, step, uuid4(), base + place) for place, step in enumerate(one.steps)]
    if rng is not None and steps:
        steps += rng.choices(steps, k=3)
        rng.shuffle(steps)
    return steps


async def do(shop: Shop, step: Step) -> None:
    if isinstance(step.what, Action):
        headers = shop.home.bearer(shop.token(step.of.customer))
        body = {"consents": CONSENTS} if step.what is Action.CONSENTS else None
        status, answer = await shop.post(f"/orders/{step.of.placed.order}/{step.what}", body, headers)
        assert status in ((200,) if step.what is Action.CONSENTS else (200, 409)), answer
    else:
        await shop.home.publish(step.what, event_id=step.event_id, sequence=step.sequence)


@pytest.mark.histories(30)
async def test_permuted_and_repeated_histories_end_like_the_straight_one(shop: Shop, histories: Histories):  # ORD-7
    pairs: dict[int, tuple[History, History]] = {}
    for seed in histories:
        with histories.naming(seed):
            pairs[seed] = await history(shop, seed), await history(shop, seed)
    straight = {seed: steps_of(shop, one) for seed, (one, _) in pairs.items()}
    shuffled = {seed: steps_of(shop, one, random.Random(f"{seed} told")) for seed, (_, one) in pairs.items()}
    for each in (straight, shuffled):
        await histories.play(each, partial(do, shop), shop.home.settled)
    await let_lapse(shop, [one.placed.order for pair in pairs.values() for one in pair])
    published = Published(shop)
    for seed, pair in pairs.items():
        with histories.naming(seed):
            ended = [await outcome(shop, one.placed.order) for one in pair]
            assert ended[0]["state"] == pair[0].ends
            assert ended[0] == ended[1]
            for one in pair:
                published.check(one)


async def let_lapse(shop: Shop, orders: list[UUID]) -> None:
    """Let the time to pay end for what nobody has paid."""
    shop.home.shift_clock(PERIOD.total_seconds())

    async def lapsed() -> bool:
        return not await shop.home.sql(UNPAID, orders)

    await until(lapsed, timeout=40, what="unpaid orders to lapse")
    await shop.home.settled()


async def outcome(shop: Shop, order: UUID) -> dict[str, Any]:
    """What became of an order, without its own ids and times."""
    row = dict((await shop.home.sql(OUTCOME, order))[0])
    reachable, ordered = row.pop("contact_until"), row.pop("ordered_at")
    return {**row, "days": None if reachable is None else (reachable - ordered).days}


class Published:
    """What orders has published, counted."""

    def __init__(self, shop: Shop) -> None:
        log = shop.home.log
        self.paid = Counter(unit for fact in facts(log, OrderPaid) for line in fact.lines for unit in line.units)
        self.cancelled = Counter(unit for fact in facts(log, OrderCancelled) for unit in fact.units)
        self.refunded = Counter(unit.unit for fact in facts(log, OrderRefunded) for unit in fact.units)
        self.released = Counter(UUID(record.key.decode()) for record in log.get("DeliveryReleased", []))
        self.confirmed = Counter(fact.key for fact in facts(log, ErasureConfirmed))

    def check(self, one: History) -> None:
        """Each event was published once, and none about a payment that came after the refund."""
        order = one.placed.order
        for unit in units_of(one.placed):
            lapsed = unit in one.lapse
            assert self.paid[unit] in ((0,) if lapsed else {"delivered": (1,), "refunded": (0, 1)}[one.ends])
            assert self.cancelled[unit] == lapsed
            assert self.refunded[unit] == (one.ends == "refunded")
        assert self.released[order] == one.released
        for step in one.steps:
            if isinstance(step, KeyDestroyed):
                assert self.confirmed[step.key] == 1


def facts(log: dict[str, list[Any]], event: type[Event]) -> list[Any]:
    """What is on the log of this kind."""
    topic = event.DECLARED.topic
    return [decode(topic, record.value) for record in log.get(topic, [])]
