"""Refunds, disputes and saved payment methods."""

import pytest
import stripe

from .house import House, until


async def test_refunds_stop_at_the_amount_charged(house: House):
    session = await house.paid()
    intent = session.payment_intent.id
    first = await house.stripe.v1.refunds.create_async(params={"payment_intent": intent, "amount": 2000})
    assert (first.amount, first.status, first.currency) == (2000, "succeeded", "eur")
    with pytest.raises(stripe.InvalidRequestError, match=r"\(€5\.01\) is greater than unrefunded amount .*\(€5\.00\)"):
        await house.stripe.v1.refunds.create_async(params={"payment_intent": intent, "amount": 501})
    rest = await house.stripe.v1.refunds.create_async(params={"payment_intent": intent})
    assert rest.amount == 500
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await house.stripe.v1.refunds.create_async(params={"payment_intent": intent})
    assert caught.value.code == "charge_already_refunded"
    assert (await house.stripe.v1.refunds.retrieve_async(rest.id)).amount == 500
    [shown] = (await house.http.get("/_control/payments", params={"reference": "order-1"})).json()
    assert (shown["received"], shown["refunded"], shown["kept"]) == (2500, 2500, 0)


async def test_a_refund_at_the_dashboard_is_reported_to_the_shop(house: House):
    session = await house.paid()
    await house.control("refund", payment_intent=session.payment_intent.id, amount=700)
    await until(lambda: {"charge.refunded", "refund.created", "refund.updated"} <= set(house.shop.types()))
    refunded = next(event for event in house.shop.events if event["type"] == "charge.refunded")
    assert refunded.data.object["amount_refunded"] == 700
    assert refunded.data.previous_attributes["amount_refunded"] == 0
    assert refunded.request["id"] is None


async def test_a_refund_may_fail_later(house: House):
    await house.control("switches", settle_after=None)
    session = await house.paid("4000000000005126")
    refund = await house.stripe.v1.refunds.create_async(params={"payment_intent": session.payment_intent.id})
    assert refund.status == "succeeded"
    await house.control("settle", refund=refund.id)
    await until(lambda: "refund.failed" in house.shop.types())
    again = await house.stripe.v1.refunds.retrieve_async(refund.id)
    assert (again.status, again.failure_reason) == ("failed", "expired_or_canceled_card")
    charge = await house.stripe.v1.charges.retrieve_async(str(refund.charge))
    assert (charge.amount_refunded, charge.refunded) == (0, False)


@pytest.mark.parametrize(("status", "kept"), [("won", 2500), ("lost", 0)])
async def test_a_dispute_is_reported_from_beginning_to_end(house: House, status: str, kept: int):
    session = await house.paid()
    opened = await house.control("dispute", session=session.id, reason="product_not_received")
    answered = await house.stripe.v1.disputes.update_async(
        opened["id"], params={"evidence": {"access_activity_log": "x"}}
    )
    assert answered.status == "under_review"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await house.stripe.v1.refunds.create_async(params={"payment_intent": session.payment_intent.id})
    assert caught.value.code == "charge_disputed"
    await house.control("dispute", session=session.id, status=status)
    await until(lambda: "charge.dispute.closed" in house.shop.types())
    assert "charge.dispute.created" in house.shop.types()
    closed = next(event for event in house.shop.events if event["type"] == "charge.dispute.closed")
    assert closed.data.object["status"] == status
    assert (await house.http.get("/_control/payments")).json()[0]["kept"] == kept


async def test_a_token_is_kept_only_where_the_shop_asked(house: House):
    without = await house.paid(customer_creation="always")
    assert without.customer
    assert (await house.http.get("/_control/tokens")).json() == []
    kept = await house.paid(customer=without.customer, payment_intent_data={"setup_future_usage": "off_session"})
    [token] = (await house.stripe.v1.payment_methods.list_async(params={"customer": without.customer})).data
    assert token.id == kept.payment_intent.payment_method
    assert token.card is not None
    assert token.card.last4 == "4242"


async def test_a_saved_card_pays_again_until_it_is_detached(house: House):
    first = await house.paid(customer_creation="always", payment_intent_data={"setup_future_usage": "on_session"})
    token = first.payment_intent.payment_method
    second = await house.open(customer=first.customer)
    assert "•••• 4242" in (await house.http.get(second.url)).text
    assert (await house.pay(second, "", method=token)).status_code == 303
    third = await house.open(customer=first.customer)
    assert (await house.stripe.v1.payment_methods.detach_async(token)).customer is None
    assert (await house.http.get("/_control/tokens")).json() == []
    assert (await house.pay(third, "", method=token)).status_code == 402
    with pytest.raises(stripe.InvalidRequestError):
        await house.stripe.v1.payment_methods.detach_async(token)


async def test_a_deleted_customer_has_no_tokens_any_more(house: House):
    paid = await house.paid(customer_creation="always", payment_intent_data={"setup_future_usage": "on_session"})
    assert len((await house.http.get("/_control/tokens")).json()) == 1
    assert (await house.stripe.v1.customers.delete_async(paid.customer)).deleted
    assert (await house.stripe.v1.customers.retrieve_async(paid.customer)).deleted
    assert (await house.http.get("/_control/tokens")).json() == []


async def test_nothing_is_saved_for_a_deleted_customer(house: House):
    first = await house.paid(customer_creation="always")
    second = await house.open(customer=first.customer, payment_intent_data={"setup_future_usage": "on_session"})
    assert (await house.stripe.v1.customers.delete_async(first.customer)).deleted
    assert (await house.pay(second)).status_code == 303
    assert (await house.http.get("/_control/tokens")).json() == []
