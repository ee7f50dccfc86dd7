"""Whatever order the topics and webhooks arrive in and however often: the end state is the same."""

import random
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.testing.harness import until
from contracts.event import Event
from contracts.orders import OrderPlaced
from uuid_utils.compat import uuid7

from .house import House, intent_event, refund_event, session_event

IBANS = ["DE02120300000000202051", "DE02500105170137075030", "DE02100500000054540402"]
SCENARIOS = (
    ("card", "paid"),
    ("card", "authorised, then paid", "dashboard refund"),
    ("card", "paid", "refunded"),
    ("card", "paid", "refunded", "dashboard refund"),
    ("card", "paid", "cancelled"),
    ("card", "declined"),
    ("card", "differs", "cancelled"),
    ("card", "expired", "cancelled"),
    ("transfer",),
    ("transfer", "cancelled"),
    ("transfer", "refunded"),
)


Step = tuple[UUID, Event] | dict[str, Any]


@dataclass
class History:
    """One order's events and webhooks, with ids of its own."""

    order: OrderPlaced
    payment: UUID = field(default_factory=uuid4)
    events: list[tuple[UUID, Event]] = field(default_factory=list[tuple[UUID, Event]])
    webhooks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def steps(self) -> list[Step]:
        return [*self.events, *self.webhooks]


def history(house: House, scenario: tuple[str, ...], index: int) -> History:
    tenant = f"c-{uuid4().hex[:10]}"
    order = house.order(method=scenario[0], tenant=tenant, prices=(1000,), quantity=3)
    made = History(order)
    events: list[Event] = [order, house.tenant(tenant, IBANS[index % len(IBANS)])]
    payment = made.payment
    for happened in scenario[1:]:
        match happened:
            case "paid":
                made.webhooks += [intent_event(order, payment), session_event(order, payment)]
            case "authorised, then paid":
                kind = "checkout.session.async_payment_succeeded"
                made.webhooks += [session_event(order, payment, payment_status="unpaid")]
                made.webhooks += [session_event(order, payment, kind)]
            case "declined":
                made.webhooks += [intent_event(order, payment), intent_event(order, payment)]
            case "differs":
                made.webhooks += [session_event(order, payment, amount=2999)]
            case "expired":
                made.webhooks += [session_event(order, payment, "checkout.session.expired", payment_status="unpaid")]
            case "dashboard refund":
                made.webhooks += [
                    refund_event(payment, 700, "pending", "refund.created"),
                    refund_event(payment, 700, "succeeded"),
                ]
            case "refunded":
                events.append(house.refunded(order, 1000))
            case _:
                events.append(house.cancelled(order))
    made.events = [(uuid7(), event) for event in events]
    return made


async def tell(house: House, made: History, steps: list[Step]) -> None:
    for step in steps:
        if isinstance(step, tuple):
            await house.harness.say(step[1], event_id=step[0])
            if random.random() < 0.5:
                await house.harness.settled()
        else:
            assert await house.webhook(step) == 200
    await house.harness.settled()


async def end_state(house: House, made: History) -> dict[str, Any]:
    order = made.order.order

    async def rows(query: str) -> list[tuple[Any, ...]]:
        return sorted(tuple(row.values()) for row in await house.harness.sql(query, order))

    return {
        "orders": await rows("select number is not null, reference is not null from orders where order_id = $1"),
        "cancelled": await rows("select cardinality(cancelled) from stories where order_id = $1"),
        "payments": await rows(
            "select captured_amount, authorized_at is not null, declined_at is not null, failed_at is not null,"
            " expired_at is not null, session is not null, intent is not null from payments where order_id = $1"
        ),
        "refunds": await rows("select state, amount from refunds where order_id = $1"),
        "repayments": await rows(
            "select r.status, r.amount, r.refund is null from repayments r join payments p using (tenant, payment)"
            " where p.order_id = $1"
        ),
        "review": await rows("select reason, amount, closed_at is null from review where order_id = $1"),
        "waiting": await rows("select kind from notices where order_id = $1 and facts is not null"),
    }


async def at_rest(house: House, made: History) -> dict[str, Any]:
    """The state once the errand to the provider, which knows none of these payments, has ended."""

    async def rest() -> bool:
        return not await house.harness.sql(
            "select refund from refunds where order_id = $1 and state in ('due', 'asked')", made.order.order
        )

    await until(rest)
    await house.harness.settled()
    return await end_state(house, made)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=" ".join)
async def test_the_end_state_does_not_depend_on_order_or_repetition(house: House, scenario: tuple[str, ...]):
    random.seed(" ".join(scenario))
    plain = history(house, scenario, 0)
    await tell(house, plain, plain.steps)
    wanted = await at_rest(house, plain)
    said = {
        name: len(house.so_far(name, plain.order))
        for name in ("PaymentCaptured", "PaymentRefunded", "TransferRequested", "PaymentAuthorized")
    }
    for index in range(3):
        other = history(house, scenario, index + 1)
        steps = [step for step in other.steps for _ in range(random.choice((1, 1, 2)))]
        random.shuffle(steps)
        await tell(house, other, steps)
        names = [type(step[1]).__name__ if isinstance(step, tuple) else step["type"] for step in steps]
        assert await at_rest(house, other) == wanted, names
        for name, count in said.items():
            again = len(house.so_far(name, other.order))
            # What is said before a cancellation or a capture becomes known may go unsaid after it, and never repeats.
            assert again == count or (("cancelled" in scenario or name == "PaymentAuthorized") and again <= 1), names
