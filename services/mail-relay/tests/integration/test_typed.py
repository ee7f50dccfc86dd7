"""What a seller writes about an order whose buyer has not asked has a type, and fits the order (MAIL-12)."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from contracts.orders import OrderCancelled, OrderClosed, OrderPaid, OrderRefunded
from uuid_utils.compat import uuid7

from .conftest import Relay
from .people import Conversation
from .test_choices import customer_of, write
from .test_policies import call, publish

OFFERS = "Unsere Angebote"


def made(kind: type[Any], talk: Conversation, order: Any = None, **changes: Any) -> Any:
    facts = {"tenant": talk.tenant, "order": order or talk.order, **changes}
    return kind.model_validate({**kind.EXAMPLE, **facts})


@pytest.fixture
async def typed(relay: Relay, talk: Conversation) -> Conversation:
    """A conversation about an order, of a tenant that wants types."""
    at = relay.house.clock.now() + timedelta(seconds=1)
    assert (await publish(relay, talk, valid_from=at, urgency="danger", typed=True))[0] == 201
    relay.house.shift_clock(2)
    return talk


async def test_MAIL_12_a_type_that_does_not_fit_the_order_is_refused_with_those_that_do(
    relay: Relay, typed: Conversation
):
    code, text = await typed.answer(Subject=OFFERS)
    assert (code, "Problem (up to 2000" in text, "Access key" in text) == (550, True, False)
    key = {"Subject": "Zugangsschl\u00fcssel f\u00fcr Sie"}
    assert (await typed.answer(**key))[0] == 550
    assert (await typed.answer(Subject="Re: [Problem] Ihre Bestellung"))[0] == 250
    assert (await typed.answer("Wort " * 170, Subject="Frage"))[0] == 550
    await relay.house.publish(made(OrderPaid, typed))
    await relay.house.settled()
    assert (await typed.answer(**key))[0] == 250
    await relay.house.publish(made(OrderRefunded, typed))
    await relay.house.settled()
    code, text = await typed.answer(**key)
    assert (code, "Invoice" in text, "Access key" in text) == (550, True, False)
    assert (await typed.answer(Subject="Credit note 2026-7"))[0] == 250
    rows = await relay.house.sql("select reason from refusals where conversation_id = $1", typed.id)
    assert [row["reason"] for row in rows] == ["untyped"] * 4


async def test_MAIL_12_who_is_asked_answers_without_a_type(relay: Relay, typed: Conversation):
    assert (await typed.answer(Subject=OFFERS))[0] == 550
    await typed.ask()
    assert [(await typed.answer(Subject=OFFERS))[0] for _ in range(2)] == [250, 250]


async def test_MAIL_12_what_is_marked_critical_needs_no_type_and_its_misuse_counts(relay: Relay, typed: Conversation):
    assert (await typed.answer(Subject="[Wichtig] Rabatt"))[0] == 250
    await write(typed, typed.buyer_writes_to.replace("@", "+misuse@"))
    _, found = await call(relay, typed, "GET", "/sellers/kontor/misuses", "support")
    assert found["misuses"] == 1
    # an opt-out is stricter
    await call(
        relay, typed, "POST", f"/conversations/{typed.id}/opt-out", "customer", subject=await customer_of(relay, typed)
    )
    assert (await typed.answer(Subject="Problem"))[0] == 550


async def test_MAIL_12_an_order_stands_the_same_whatever_comes_first(relay: Relay, talk: Conversation):
    kinds = (OrderPaid, OrderRefunded, OrderCancelled, OrderClosed)
    events = [made(kind, talk, order) for order, way in ((uuid7(), way) for way in permutations(kinds)) for kind in way]
    await relay.house.publish(*events, *events[::3])
    await relay.house.settled()
    found = "select paid, refunded, cancelled, contact_until, count(*) from order_progress where tenant = $1"
    rows = await relay.house.sql(f"{found} group by 1, 2, 3, 4", talk.tenant)
    unit = OrderRefunded.model_validate(OrderRefunded.EXAMPLE).units[0].unit
    cancelled, until = made(OrderCancelled, talk).units, made(OrderClosed, talk).contact_until
    assert [tuple(row) for row in rows] == [(True, [unit], sorted(cancelled), until, 24)]
