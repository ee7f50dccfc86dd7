"""API keys, errors, idempotency, lists, and the faults of calls."""

import asyncio
import time
from typing import Any

import pytest
import stripe

from .house import House, client, order


def line(**price: Any) -> dict[str, Any]:
    known = {"currency": "eur", "unit_amount": 1250, "product_data": {"name": "Ledger"}}
    return {"quantity": 1, "price_data": known | price}


async def test_a_wrong_key_is_refused(house: House):
    with pytest.raises(stripe.AuthenticationError):
        await client(house.url, "sk_test_other").v1.payment_intents.retrieve_async("pi_1")


async def test_a_missing_object_is_a_stripe_error(house: House):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await house.stripe.v1.payment_intents.retrieve_async("pi_1")
    assert (caught.value.code, caught.value.http_status) == ("resource_missing", 404)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"line_items": []}, "line_items"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"expires_at": int(time.time()) + 60}, "expires_at"),
        ({"colour": "blue"}, "colour"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"mode": "subscription"}, "mode"),
        ({"cancel_url": ""}, "cancel_url"),
        ({"payment_intent_data": {"colour": "blue"}}, "payment_intent_data[colour]"),
        ({"line_items": [line(colour="blue")]}, "line_items[0][price_data][colour]"),
        ({"line_items": [line(currency="xyz")]}, "line_items[0][price_data][currency]"),
        ({"line_items": [line(currency="kwd", unit_amount=12345)]}, "line_items[0][price_data][unit_amount]"),
        ({"line_items": [line(currency="isk", unit_amount=12350)]}, "line_items[0][price_data][unit_amount]"),
        ({"line_items": [line() | {"colour": "blue"}]}, "line_items[0][colour]"),
    ],
)
async def test_a_wrong_session_is_refused_by_parameter(house: House, change: Any, param: str):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await house.open(**change)
    assert caught.value.param == param  # pyright: ignore[reportUnknownMemberType] -- the SDK has no types here


@pytest.mark.parametrize(
    ("currency", "amount", "code", "shown"),
    [
        ("eur", 49, "amount_too_small", "€0.50"),
        ("jpy", 49, "amount_too_small", "50 JPY"),
        ("czk", 1499, "amount_too_small", "15.00 CZK"),
        ("jpy", 100_000_000, "amount_too_large", "99,999,999 JPY"),
    ],
)
async def test_a_total_that_cannot_be_paid_is_refused(house: House, currency: str, amount: int, code: str, shown: str):
    with pytest.raises(stripe.InvalidRequestError, match=shown) as caught:
        await house.open(line_items=[line(currency=currency, unit_amount=amount)])
    assert caught.value.code == code


async def test_amounts_are_shown_and_refunded_with_the_decimals_of_their_currency(house: House):
    dinars = [line(currency="kwd", unit_amount=12340)]
    assert "12.340 KWD" in (await house.http.get((await house.open(line_items=dinars)).url)).text
    paid = await house.paid(line_items=dinars)
    refund: Any = {"payment_intent": paid.payment_intent.id, "amount": 1234}
    with pytest.raises(stripe.InvalidRequestError, match="multiple of 10"):
        await house.stripe.v1.refunds.create_async(params=refund)


async def test_the_same_key_and_parameters_give_the_same_answer(house: House):
    options: Any = {"idempotency_key": "order-1"}
    first = await house.stripe.v1.checkout.sessions.create_async(params=order(), options=options)
    second = await house.stripe.v1.checkout.sessions.create_async(params=order(), options=options)
    assert first.id == second.id
    assert second.last_response is not None
    assert second.last_response.headers["Idempotent-Replayed"] == "true"


async def test_the_same_key_with_other_parameters_is_refused(house: House):
    options: Any = {"idempotency_key": "order-1"}
    await house.stripe.v1.checkout.sessions.create_async(params=order(), options=options)
    with pytest.raises(stripe.IdempotencyError):
        await house.stripe.v1.checkout.sessions.create_async(params=order(locale="de"), options=options)


async def test_events_are_listed_newest_first_in_pages(house: House):
    await house.paid()
    listed = [
        event async for event in (await house.stripe.v1.events.list_async(params={"limit": 2})).auto_paging_iter()
    ]
    assert len({event.id for event in listed}) == len(listed) == 4
    assert listed[0].type == "checkout.session.completed"
    [charged] = (await house.stripe.v1.events.list_async(params={"type": "charge.*"})).data
    assert (await house.stripe.v1.events.retrieve_async(charged.id)).type == "charge.succeeded"


@pytest.mark.parametrize(("status", "error"), [(500, stripe.APIError), (429, stripe.RateLimitError)])
async def test_calls_are_refused_as_often_as_asked(house: House, status: int, error: type[Exception]):  # PAY-12
    await house.control("switches", api={"refuse": {"status": status, "times": 1}})
    with pytest.raises(error):
        await house.stripe.v1.customers.create_async()
    assert (await house.stripe.v1.customers.list_async()).data == []
    assert await house.stripe.v1.customers.create_async()


async def test_a_refund_whose_answer_is_lost_is_made_once(house: House):
    session = await house.paid()
    await house.control(
        "switches", api={"hang": {"seconds": "forever", "at": "after", "path": "/v1/refunds", "times": 1}}
    )
    params: Any = {"payment_intent": session.payment_intent.id, "amount": 100}
    options: Any = {"idempotency_key": "refund-1"}
    with pytest.raises(stripe.APIConnectionError):
        await client(house.url, timeout=0.4).v1.refunds.create_async(params=params, options=options)
    again = await house.stripe.v1.refunds.create_async(params=params, options=options)
    [only] = (await house.stripe.v1.refunds.list_async()).data
    assert only.id == again.id


async def test_a_call_that_hangs_for_ever_is_cut_at_a_reset_without_work(house: House):
    await house.control("switches", api={"hang": {"seconds": "forever", "times": 1}})
    stuck = asyncio.create_task(house.stripe.v1.customers.create_async())
    await asyncio.sleep(0.3)
    assert not stuck.done()
    await house.control("reset")
    with pytest.raises(stripe.APIConnectionError):
        await stuck
    assert (await house.stripe.v1.customers.list_async()).data == []


async def test_a_key_in_flight_is_refused(house: House):
    await house.control("switches", api={"hang": {"seconds": 0.5, "at": "during", "times": 1}})
    options: Any = {"idempotency_key": "k"}
    slow = asyncio.create_task(house.stripe.v1.customers.create_async(options=options))
    await asyncio.sleep(0.2)
    with pytest.raises(stripe.APIError) as caught:
        await house.stripe.v1.customers.create_async(options=options)
    assert caught.value.http_status == 409
    assert (await slow).id == (await house.stripe.v1.customers.create_async(options=options)).id


async def test_an_unknown_switch_is_refused(house: House):
    answer = await house.http.post("/_control/switches", json={"webhooks": {"dely": 1}})
    assert answer.status_code == 400
    assert (await house.http.get("/_control/switches")).json()["webhooks"]["delay"] == [0, 0]
