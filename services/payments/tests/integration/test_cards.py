"""Paying by card on the provider's page (PAY-1 PAY-3 PAY-7)."""

import asyncio
import json
import time
from uuid import UUID, uuid4

import pytest
from chassis_testing.harness import until
from uuid_utils.compat import uuid7

from .house import BAD, GOOD, House


async def test_a_declined_card_and_then_a_good_one_capture_the_money_once(house: House):  # M19
    order = await house.placed(prices=(21900, 4999))
    view = await house.opened(order)
    assert (view["state"], view["method"], view["amount"], view["order"]) == ("open", "card", 26899, str(order.order))
    assert await house.pay(view["url"], BAD) == 402
    (failed,) = await house.published("PaymentFailed", order)
    assert (failed.reason, str(failed.payment)) == ("declined", view["payment"])
    assert await house.pay(view["url"], GOOD) == 303
    (captured,) = await house.published("PaymentCaptured", order)
    assert (captured.amount, captured.currency, str(captured.payment)) == (26899, "EUR", view["payment"])
    assert captured.order_number == order.order_number
    status, seen = await house.get(f"/payments/{view['payment']}", **house.as_customer(order))
    assert (status, seen["state"], seen["url"]) == (200, "captured", None)
    (at_provider,) = await house.at_provider(order)
    assert at_provider["metadata"]["order"] == str(order.order)
    assert await house.review(order) == []


async def test_an_order_not_known_yet_is_accepted_and_asked_again(house: House):
    order = house.order()
    headers = house.as_customer(order, "wait-for-it")
    body = {"order": str(order.order)}
    async with house.harness.http.post("/payments", json=body, headers=headers) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (202, "1")
    await house.harness.publish(order)
    await house.harness.settled()
    async with house.harness.http.post("/payments", json=body, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        assert answer.headers["Location"] == f"/payments/{(await answer.json())['payment']}"


async def test_an_order_that_will_never_come_is_unknown(house: House):
    customer = house.as_customer(house.order())
    an_hour_ago = UUID(int=(int(time.time() - 3601) * 1000 << 80) | (uuid7().int & ((1 << 80) - 1)))
    for order in (uuid4(), an_hour_ago):
        for status, problem in (
            await house.post("/payments", {"order": str(order)}, **customer),
            await house.get(f"/orders/{order}/transfer", **customer),
            await house.get(f"/orders/{order}/transfer", **house.as_staff()),
        ):
            assert (status, problem["type"]) == (404, "/problems/order-unknown")


async def test_an_order_that_arrives_a_moment_later_is_paid_by_the_same_request(house: House):
    order = house.order()
    body, headers = {"order": str(order.order)}, house.as_customer(order, "too-early")
    early = asyncio.create_task(house.post("/payments", body, **headers))
    await asyncio.sleep(0.1)
    await house.harness.publish(order)
    status, view = await early
    assert (status, view["order"]) == (201, str(order.order))


async def test_F_P03_one_open_page_serves_every_request_of_an_order(house: House):
    order = await house.placed()
    first, second = await house.opened(order), await house.opened(order)
    assert (first["payment"], first["url"]) == (second["payment"], second["url"])


async def test_F_P06_the_webhook_and_the_returning_browser_come_to_one_payment(house: House):
    order = await house.placed()
    view = await house.opened(order)

    async def returns() -> None:
        for _ in range(4):
            status, _ = await house.get(f"/payments/{view['payment']}", **house.as_customer(order))
            assert status == 200
            status, again = await house.ask_to_pay(order)
            assert status in (201, 409, 503), again
            assert status != 201 or again["payment"] == view["payment"]

    paid, *_ = await asyncio.gather(house.pay(view["url"]), *(returns() for _ in range(4)))
    assert paid == 303
    await house.published("PaymentCaptured", order)
    await house.harness.settled()
    assert len(house.so_far("PaymentCaptured", order)) == 1
    assert len(await house.at_provider(order)) == 1
    assert len(await house.harness.sql("select id from payments where order_id = $1", order.order)) == 1


async def test_F_P03_two_requests_at_once_open_one_payment(house: House):
    order = await house.placed()
    answers = await asyncio.gather(*(house.ask_to_pay(order) for _ in range(4)))
    assert len({view["payment"] for status, view in answers if status == 201}) == 1
    assert {status for status, _ in answers} <= {201, 503}
    assert len(await house.harness.sql("select id from payments where order_id = $1", order.order)) == 1


async def test_the_same_key_is_answered_the_same_and_another_body_is_refused(house: House):  # PAY-3
    order = await house.placed()
    (_, first), (status, again) = await house.ask_to_pay(order, "k1"), await house.ask_to_pay(order, "k1")
    assert (status, again) == (201, first)
    status, problem = await house.ask_to_pay(order, "k1", save_card=True)
    assert (status, problem["type"]) == (422, "/problems/idempotency-key-reused")


async def test_an_expired_page_is_replaced(house: House):
    order = await house.placed()
    first = await house.opened(order)
    session = first["url"].rpartition("/")[2]
    await house.control("switches", webhooks={"drop": {"types": ["checkout.session.expired"]}})
    await house.control("expire", session=session)
    await house.control("reset")
    second = await house.opened(order)
    assert second["payment"] != first["payment"]
    (failed,) = await house.published("PaymentFailed", order)
    assert failed.reason == "expired"
    assert await house.pay(second["url"]) == 303
    assert len(await house.published("PaymentCaptured", order)) == 1


async def test_an_authorised_payment_releases_nothing_until_it_is_captured(house: House):  # PAY-7 E4
    await house.control("switches", settle_after=None)
    order = await house.placed()
    view = await house.opened(order)
    assert await house.pay(view["url"], method="sepa_debit", iban="DE89370400440532013000", name="E. M.") == 303
    (authorized,) = await house.published("PaymentAuthorized", order)
    assert authorized.amount == 21900
    assert house.so_far("PaymentCaptured", order) == []
    status, again = await house.ask_to_pay(order)
    assert (status, again["payment"], again["state"], again["url"]) == (201, view["payment"], "authorized", None)
    await house.control("settle", session=view["url"].rpartition("/")[2])
    assert len(await house.published("PaymentCaptured", order)) == 1
    await house.control("reset")


async def test_a_debit_that_is_returned_fails(house: House):
    await house.control("switches", settle_after=None)
    order = await house.placed()
    view = await house.opened(order)
    await house.pay(view["url"], method="sepa_debit", iban="DE89370400440532013000", name="E. M.")
    await house.published("PaymentAuthorized", order)
    await house.control("settle", session=view["url"].rpartition("/")[2], outcome="failed")
    (failed,) = await house.published("PaymentFailed", order)
    assert failed.reason == "declined"

    # The intent's decline is published; that the checkout came to nothing is a webhook of its own.
    async def ended() -> bool:
        _, found = await house.get(f"/payments/{view['payment']}", **house.as_customer(order))
        return found["state"] == "failed"

    await until(ended, what="the checkout to fail")
    await house.control("reset")
    again = await house.opened(order)
    assert again["payment"] != view["payment"]


@pytest.mark.parametrize("lost", [0, 1, 2])
async def test_a_debit_that_has_failed_at_the_provider_alone_is_replaced_by_another_payment(house: House, lost: int):
    await house.control("switches", settle_after=None)
    order = await house.placed()
    view = await house.opened(order)
    assert await house.pay(view["url"], BAD) == 402
    await house.published("PaymentFailed", order)
    await house.pay(view["url"], method="sepa_debit", iban="DE89370400440532013000", name="E. M.")
    await house.published("PaymentAuthorized", order)
    if lost:
        ends = ["checkout.session.async_payment_failed", "payment_intent.payment_failed"]
        await house.control("switches", webhooks={"drop": {"types": ends[:lost]}})
    await house.control("settle", session=view["url"].rpartition("/")[2], outcome="failed")
    if lost == 1:
        await house.published("PaymentFailed", order, 2)
    again = await house.opened(order)
    assert (again["payment"] != view["payment"], again["state"]) == (True, "open")
    _, dead = await house.get(f"/payments/{view['payment']}", **house.as_customer(order))
    assert dead["state"] == "failed"
    assert [one.reason for one in await house.published("PaymentFailed", order, 2)] == ["declined"] * 2
    assert await house.pay(again["url"]) == 303
    assert len(await house.published("PaymentCaptured", order)) == 1


async def test_F_P04_a_paid_or_cancelled_or_transferred_order_is_not_payable_by_card(house: House):
    paid, _ = await house.paid()
    status, problem = await house.ask_to_pay(paid)
    assert (status, problem["type"]) == (409, "/problems/already-paid")
    lapsed = await house.placed()
    await house.harness.publish(house.cancelled(lapsed))
    await house.harness.settled()
    status, problem = await house.ask_to_pay(lapsed)
    assert (status, problem["type"]) == (409, "/problems/order-lapsed")
    transferred = await house.placed(method="transfer")
    status, problem = await house.ask_to_pay(transferred)
    assert (status, problem["type"]) == (409, "/problems/not-by-card")


async def test_F_P28_another_customers_order_or_payment_is_not_there(house: House):
    order = await house.placed()
    newcomer = house.order()
    status, _ = await house.post("/payments", {"order": str(order.order)}, **house.as_customer(newcomer))
    assert status == 404
    assert await house.harness.sql("select id from payments where order_id = $1", order.order) == []
    view = await house.opened(order)
    assert (await house.get(f"/payments/{view['payment']}", **house.as_customer(newcomer)))[0] == 404
    foreign = house.as_staff(tenant="elsewhere")
    assert (await house.get(f"/payments/{view['payment']}", **foreign))[0] == 404
    assert (await house.get(f"/payments/{view['payment']}", **house.as_staff("support")))[0] == 200
    status, _ = await house.post("/payments", {"order": str(order.order)}, **house.as_staff("sales"))
    assert status == 403
    status, _ = await house.post("/payments", {"order": str(order.order)})
    assert status == 401


async def test_bad_bodies_are_refused(house: House):
    order = await house.placed()
    for body, wanted in (
        (b"{", 400),
        (b'{"order": "no-uuid"}', 422),
        (json.dumps({"order": str(order.order), "card": GOOD}).encode(), 422),
        (json.dumps({"order": str(order.order), "success_url": "javascript:alert(1)"}).encode(), 422),
        (json.dumps({"order": str(order.order), "success_url": "https://elsewhere.example/shop"}).encode(), 422),
        (json.dumps({"order": str(order.order), "cancel_url": "https://shop.example@elsewhere.example"}).encode(), 422),
        (json.dumps({"order": str(order.order), "cancel_url": "https://shop.example.elsewhere.example"}).encode(), 422),
        (json.dumps({"order": str(order.order), "save_card": 1}).encode(), 422),
        (b"x" * 70_000, 413),
    ):
        headers = house.as_customer(order) | {"Content-Type": "application/json"}
        async with house.harness.http.post("/payments", data=body, headers=headers) as answer:
            assert answer.status == wanted, body[:60]
            assert GOOD not in await answer.text()
    assert await house.harness.sql("select id from payments where order_id = $1", order.order) == []


async def test_F_P23_a_hanging_provider_is_answered_503_in_time_with_no_transaction_open(house: House):
    order = await house.placed()
    await house.control("switches", api={"hang": {"seconds": "forever", "path": "/v1/checkout"}})
    began = time.monotonic()
    asking = asyncio.create_task(house.ask_to_pay(order, "hang"))
    await asyncio.sleep(1.5)
    assert await house.stuck() == []
    status, problem = await asking
    assert (status, problem["type"]) == (503, "/problems/unavailable")
    assert time.monotonic() - began < 7
    await house.control("reset")
    assert (await house.ask_to_pay(order, "hang"))[0] == 201


async def test_F_P27_an_answer_lost_after_the_work_leaves_one_payment(house: House):
    order = await house.placed()
    await house.control("switches", api={"refuse": {"status": 500, "at": "after", "path": "/v1/checkout", "times": 1}})
    assert (await house.ask_to_pay(order, "lost"))[0] == 503
    await house.control("reset")
    status, view = await house.ask_to_pay(order, "lost")
    assert (status, view["state"]) == (201, "open")
    assert await house.pay(view["url"]) == 303
    assert len(await house.published("PaymentCaptured", order)) == 1
    assert len(await house.harness.sql("select id from payments where order_id = $1", order.order)) == 1


async def test_a_cancelled_orders_page_is_closed_at_the_provider(house: House):
    order = await house.placed()
    view = await house.opened(order)
    await house.harness.publish(house.cancelled(order))

    async def closed() -> bool:
        async with house.provider.get(view["url"]) as page:
            return page.status == 410

    await until(closed, what="the page to be closed")
    assert house.so_far("PaymentFailed", order) == []


async def test_F_P30_a_card_number_pasted_anywhere_is_kept_nowhere(house: House):  # PAY-1 M21 M22
    order = await house.placed()
    number = "4000056655665556"
    view = await house.opened(order)
    for status, problem in (
        await house.ask_to_pay(order, success_url=f"https://shop.example/thanks?card={number}"),
        await house.ask_to_pay(order, card=number),
        await house.post(f"/review/{uuid4()}/allocation", {"order": number, "units": [number]}, **house.as_staff()),
        await house.post(f"/payouts/{uuid4()}/done", {"reference": number}, **house.as_staff()),
    ):
        assert (status, problem["type"]) == (422, "/problems/card-number")
        assert number not in str(problem)
    await house.pay(view["url"], number)
    await house.published("PaymentCaptured", order)
    tables = await house.harness.sql(
        "select schemaname, tablename from pg_tables where schemaname in ('public', 'chassis')"
    )
    for table in tables:
        name = f'"{table["schemaname"]}"."{table["tablename"]}"'
        rows = await house.harness.sql(f"select t::text as line from {name} t")
        assert not [row for row in rows if number in row["line"] or "erika@example.org" in row["line"]], name
    published = b"".join(record.value or b"" for records in house.harness.log.values() for record in records)
    assert number.encode() not in published
