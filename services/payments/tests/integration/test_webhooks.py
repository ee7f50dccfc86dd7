"""What the provider sends: forged, stale, twice, in disorder, too early, or not at all (PAY-4)."""

import asyncio
import json
import time
from uuid import uuid4

import pytest
from contracts.event import type_of
from contracts.wire import Attributes, encode
from structlog.testing import capture_logs

from .house import (
    OLD_SECRET,
    SECRET,
    House,
    intent_event,
    refund_event,
    session_event,
    signature,
)


async def test_F_P05_F_P25_a_webhook_delivered_many_times_at_once_has_one_effect(house: House):
    order = await house.placed()
    payment = uuid4()
    declined = intent_event(order, payment)
    assert set(await asyncio.gather(*(house.webhook(declined) for _ in range(4)))) == {200}
    await house.published("PaymentFailed", order)
    notice = session_event(order, payment)
    assert set(await asyncio.gather(*(house.webhook(notice) for _ in range(8)))) == {200}
    assert await house.webhook(notice) == 200
    other = session_event(order, payment, "checkout.session.async_payment_succeeded")
    assert await house.webhook(other) == 200
    assert len(await house.published("PaymentCaptured", order)) == 1
    await house.harness.settled()
    assert len(house.so_far("PaymentCaptured", order)) == len(house.so_far("PaymentFailed", order)) == 1


async def test_F_P24_forged_and_stale_webhooks_are_refused_and_rotated_secrets_work(house: House):
    order = await house.placed()
    notice = session_event(order, uuid4())
    raw = json.dumps(notice).encode()
    now = int(time.time())
    good = signature(raw, SECRET, now)
    for header in (
        "",
        "nonsense",
        signature(raw, "whsec_wrong", now),
        signature(raw, SECRET, now - 360),
        signature(raw, SECRET, now + 360),
        signature(raw + b" ", SECRET, now),
        good.replace("v1=", "v0="),
        f"t=+{now - 9999},t={now},v1={good.rpartition('=')[2]}",
        good.replace(f"t={now}", f"t={now - 1}"),
    ):
        assert await house.webhook(raw, header=header or "-") == 400, header
    async with house.harness.http.post("/webhooks/provider", data=raw) as answer:
        assert answer.status == 400
        assert (await answer.json())["type"] == "/problems/webhook-forged"
    assert await house.webhook(json.dumps(notice, indent=1).encode(), header=good) == 400
    assert house.so_far("PaymentCaptured", order) == []
    assert await house.webhook(raw, secret=OLD_SECRET) == 200
    assert len(await house.published("PaymentCaptured", order)) == 1


async def test_a_refused_webhook_leaves_a_line_in_the_log_that_quotes_nothing(house: House):
    raw = json.dumps(session_event(house.order(), uuid4())).encode()
    with capture_logs() as logged:
        assert await house.webhook(raw, secret="whsec_wrong") == 400
        assert await house.webhook(b"[]") == 400
        assert await house.webhook(b"x" * (2**17 + 1)) == 413
    lines = [line for line in logged if line["event"] == "a webhook is refused"]
    reasons = ["WebhookForged", "WebhookUnreadable", "too-large"]
    assert lines == [{"event": "a webhook is refused", "log_level": "warning", "reason": reason} for reason in reasons]


async def test_signed_nonsense_is_refused_and_what_is_not_ours_is_ignored(house: House):
    for body in (b"[]", b"{}", b"\xff", b'{"id": "evt_1", "type": "refund.updated", "data": {"object": {}}}'):
        assert await house.webhook(body) == 400, body
    twice = json.dumps(session_event(house.order(), uuid4(), payment_status="unpaid"))
    assert await house.webhook(twice.replace('"unpaid"', '"unpaid", "payment_status": "paid"').encode()) == 400
    foreign = session_event(house.order(), uuid4())
    foreign["data"]["object"]["metadata"] = {"order": "somebody else's"}
    assert await house.webhook(foreign) == 200
    unknown = {"id": "evt_2", "type": "customer.created", "data": {"object": {"id": "cus_1", "name": "Erika"}}}
    assert await house.webhook(unknown) == 200
    assert await house.webhook(b"x" * (2**17 + 1)) == 413


@pytest.mark.parametrize(
    ("how", "body"),
    [
        ("Transfer-Encoding: chunked", b"2\r\n{}\r\nZZ\r\n"),
        ("Content-Encoding: gzip\r\nContent-Length: 12", b"no gzip here"),
    ],
    ids=["chunked", "compressed"],
)
async def test_a_webhook_in_a_broken_encoding_is_a_bad_request(house: House, how: str, body: bytes):
    host, port = house.harness.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST /webhooks/provider HTTP/1.1\r\nHost: x\r\n{how}\r\n\r\n".encode() + body)
    status = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert b" 400 " in status


async def test_F_P30_a_webhook_with_a_card_number_where_ids_stand_is_not_kept(house: House):
    number = "4111111111111111"
    for field, value in (("id", f"cs_{number}"), ("metadata", {"tenant": number, "order": str(uuid4())})):
        notice = session_event(house.order(), uuid4(), event=f"evt_{uuid4().hex}")
        of = notice["data"]["object"]
        of[field] = {**of["metadata"], **value} if isinstance(value, dict) else value
        assert await house.webhook(notice) == 200
    for row in await house.harness.sql("select tablename from pg_tables where schemaname = 'public'"):
        rows = await house.harness.sql(f"select t::text as line from {row['tablename']} t")
        assert not [one for one in rows if number in one["line"]], row["tablename"]


async def test_F_P07_a_webhook_before_its_order_is_kept_and_applied_later(house: House):
    order, payment = house.order(), uuid4()
    assert await house.webhook(session_event(order, payment)) == 200
    assert house.so_far("PaymentCaptured", order) == []
    await house.harness.publish(order)
    (captured,) = await house.published("PaymentCaptured", order)
    assert (captured.payment, captured.amount) == (payment, 21900)


async def test_F_P08_a_failure_after_the_capture_changes_nothing(house: House):
    order = await house.placed()
    payment = uuid4()
    await house.webhook(session_event(order, payment))
    await house.published("PaymentCaptured", order)
    for notice in (
        intent_event(order, payment),
        session_event(order, payment, "checkout.session.async_payment_failed", payment_status="unpaid"),
        session_event(order, payment, "checkout.session.expired", payment_status="unpaid"),
        session_event(order, payment, payment_status="unpaid"),
    ):
        assert await house.webhook(notice) == 200
    status, view = await house.get(f"/payments/{payment}", **house.as_customer(order))
    assert (status, view["state"]) == (200, "captured")
    await house.harness.settled()
    assert house.so_far("PaymentFailed", order) == []
    assert house.so_far("PaymentAuthorized", order) == []


@pytest.mark.parametrize(("amount", "currency"), [(21899, "eur"), (21901, "eur"), (21900, "usd")])
async def test_F_P10_another_amount_or_currency_is_not_the_orders_money(house: House, amount: int, currency: str):
    order = await house.placed()
    await house.webhook(session_event(order, uuid4(), amount=amount, currency=currency))
    (failed,) = await house.published("PaymentFailed", order)
    assert failed.reason == "amount_differs"
    assert house.so_far("PaymentCaptured", order) == []
    assert await house.review(order) == ["amount_differs"]


async def test_a_webhook_that_mixes_up_two_payments_moves_nothing(house: House):
    order, other = await house.placed(), await house.placed()
    one, known = uuid4(), uuid4()
    await house.webhook(session_event(other, known))
    await house.webhook(intent_event(order, one))
    mixed = session_event(order, one)
    mixed["data"]["object"] |= {"id": f"cs_{known.hex}", "payment_intent": f"pi_{known.hex}"}
    assert await house.webhook(mixed) == 200
    await house.harness.settled()
    assert house.so_far("PaymentCaptured", order) == []


async def test_money_for_a_cancelled_order_waits_for_staff(house: House):
    order = await house.placed()
    await house.harness.publish(house.cancelled(order))
    await house.harness.settled()
    payment = uuid4()
    await house.webhook(session_event(order, payment))
    await house.harness.settled()
    assert house.so_far("PaymentCaptured", order) == []
    status, listed = await house.get("/review?limit=500", **house.as_staff())
    (entry,) = [one for one in listed["items"] if one["payment"] == str(payment)]
    assert (status, entry["reason"], entry["amount"]) == (200, "order_cancelled", 21900)
    await house.webhook(refund_event(payment, 21900, "succeeded"))
    assert (
        await house.harness.sql("select id from review_entries where payment_id = $1 and closed_at is null", payment)
        == []
    )
    await house.harness.settled()
    assert house.so_far("PaymentRefunded", order) == []


async def test_a_second_payment_for_a_paid_order_waits_for_staff(house: House):
    order = await house.placed()
    await house.webhook(session_event(order, uuid4()))
    await house.webhook(session_event(order, uuid4()))
    await house.harness.settled()
    assert len(await house.published("PaymentCaptured", order)) == 1
    assert await house.review(order) == ["paid_twice"]


async def test_F_P09_a_refund_that_comes_before_its_payment_is_published_after_it(house: House):
    order, payment = await house.placed(), uuid4()
    await house.webhook(refund_event(payment, 21900, "succeeded"))
    await house.webhook(refund_event(payment, 21900, "pending", "refund.created"))
    await house.webhook(session_event(order, payment))
    await house.published("PaymentCaptured", order)
    (repaid,) = await house.published("PaymentRefunded", order)
    assert (repaid.origin, repaid.refund, repaid.amount) == ("provider", None, 21900)


async def test_the_providers_own_disorder_and_duplicates_end_the_same(house: House):
    for seed in range(3):
        await house.control(
            "switches", webhooks={"duplicates": 2, "disorder": {"hold": 6, "seed": seed, "seconds": 0.2}}
        )
        order = await house.placed()
        view = await house.opened(order)
        await house.pay(view["url"], "4000000000000002")
        await house.pay(view["url"])
        await house.published("PaymentCaptured", order)
        await house.control("reset")
        await house.harness.settled()
        assert len(house.so_far("PaymentCaptured", order)) == 1


async def test_a_lost_webhook_loses_no_money(house: House):
    order = await house.placed()
    view = await house.opened(order)
    await house.control("switches", webhooks={"drop": {}})
    assert await house.pay(view["url"]) == 303
    await house.harness.settled()
    assert house.so_far("PaymentCaptured", order) == []
    house.harness.shift_clock(61)
    assert len(await house.published("PaymentCaptured", order)) == 1


async def test_a_webhook_that_stalls_holds_no_transaction(house: House):
    order = await house.placed()
    view = await house.opened(order)
    await house.control("switches", webhooks={"hang": {"seconds": 1.5, "times": 1}})
    assert await house.pay(view["url"]) == 303
    await asyncio.sleep(0.5)
    assert await house.stuck() == []
    assert len(await house.published("PaymentCaptured", order)) == 1


async def test_webhooks_count_by_real_time_however_far_the_clock_is_shifted(house: House):
    order = await house.placed()
    house.harness.shift_clock(400 * 86_400)
    late = await house.placed()
    assert await house.webhook(session_event(late, uuid4())) == 200
    assert len(await house.published("PaymentCaptured", late)) == 1
    status, problem = await house.ask_to_pay(order)
    assert (status, problem["type"]) == (409, "/problems/order-lapsed")


async def test_payment_events_stay_in_the_trace_of_their_order(house: House):
    order = house.order()
    traceparent = f"00-{uuid4().hex}-{uuid4().hex[:16]}-01"
    type_ = type_of("OrderPlaced")
    attributes = Attributes(uuid4(), "orders", type_, str(order.order), None, 1, order.tenant, traceparent)
    await house.harness.publish_raw("OrderPlaced", order.record_key.encode(), encode(order), attributes.to_headers())
    await house.harness.settled()
    await house.webhook(session_event(order, uuid4()))
    await house.published("PaymentCaptured", order)
    records = house.harness.log["PaymentCaptured"]
    (record,) = [one for one in records if str(order.order).encode() in one.value]
    assert traceparent[3:35].encode() in dict(record.headers)["traceparent"]
