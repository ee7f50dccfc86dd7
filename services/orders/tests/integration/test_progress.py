import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from contracts.accounts import KeyDestroyed, KeyKind
from contracts.delivery import DownloadExtended
from contracts.orders import ConsentKind, DeliveryReleased, OrderClosed, OrderPaid, OrderPlaced
from contracts.payments import TransferReceived
from contracts.shared import ErasureConfirmed
from orders.domain.withdrawal import BOTH

from services.orders.tests.integration.conftest import Shop, header, of_order, units_of


async def test_captured_money_pays_every_unit_and_a_repetition_nothing(shop: Shop):  # E26
    placed = await shop.buy(uuid4(), shop.request({"VISTA-HP-ESD": 2, "WORKS-9-ESD": 1}))
    captured = shop.captured(placed)
    await shop.home.publish(captured, captured)
    await shop.home.publish(captured)
    await shop.home.settled()
    paid = await of_order(shop, OrderPaid, placed)
    assert len(paid) == 1
    assert [unit for line in paid[0].lines for unit in line.units] == units_of(placed)
    assert await shop.state(placed) == "paid"


async def test_whether_a_line_shares_one_key_is_frozen_and_repeated_with_each_payment(shop: Shop):  # LIC-4
    placed = await shop.buy(uuid4(), shop.request({"SUITE-TEAM": 2, "WORKS-9-ESD": 1}, payment_method="transfer"))
    assert {line.sku: line.keys_per.value for line in placed.lines} == {"SUITE-TEAM": "purchase", "WORKS-9-ESD": "unit"}
    received: dict[str, Any] = {"amount": 1, "currency": "EUR", "booked_at": placed.ordered_at}
    for unit in placed.lines[0].units:
        await shop.home.publish(TransferReceived(**header(placed), receipt=uuid4(), units=[unit], **received))
    paid = await of_order(shop, OrderPaid, placed, 2)
    assert [(line.units, line.keys_per.value) for published in paid for line in published.lines] == [
        ([unit], "purchase") for unit in placed.lines[0].units
    ]


async def test_a_partly_paid_order_names_the_paid_units_only(shop: Shop):  # E26
    placed = await shop.buy(uuid4(), shop.request({"VISTA-HP-ESD": 3}, payment_method="transfer"))
    first, *rest = units_of(placed)
    received: dict[str, Any] = {"amount": 21900, "currency": "EUR", "booked_at": placed.ordered_at}
    await shop.home.publish(TransferReceived(**header(placed), receipt=uuid4(), units=[first], **received))
    await shop.home.settled()
    assert await shop.state(placed) == "partly_paid"
    await shop.home.publish(TransferReceived(**header(placed), receipt=uuid4(), units=units_of(placed), **received))
    published = await of_order(shop, OrderPaid, placed, 2)
    assert [[unit for line in paid.lines for unit in line.units] for paid in published] == [[first], rest]
    assert await shop.state(placed) == "paid"


async def test_F_P22_a_cancellation_that_races_with_the_payment_leaves_one_of_both(shop: Shop):
    async def race(delay: float) -> tuple[OrderPlaced, int]:
        customer = uuid4()
        placed = await shop.buy(customer)
        await shop.home.publish(shop.captured(placed))
        await asyncio.sleep(delay)
        headers = shop.home.bearer(shop.token(customer))
        status, _ = await shop.post(f"/orders/{placed.order}/cancellation", None, headers)
        return placed, status

    raced = await asyncio.gather(*(race(number * 0.01) for number in range(12)))
    await shop.home.settled()
    paid = [fact.order for fact in await shop.home.published(OrderPaid, at_least=0)]
    for placed, status in raced:
        ended = (status, await shop.state(placed), paid.count(placed.order))
        assert ended in ((200, "cancelled", 0), (409, "paid", 1))


async def test_F_P10_another_amount_than_the_orders_pays_nothing_and_is_kept(shop: Shop):
    placed = await shop.buy(uuid4())
    await shop.home.publish(shop.captured(placed, amount=1))
    await shop.home.settled()
    assert await shop.state(placed) == "open"
    dead = await shop.home.sql("select reason from chassis.parked where state = 'dead'")
    assert [row["reason"] for row in dead] == ["PaymentDiffers"]
    assert len(shop.home.log["dead.orders"]) == 1


async def test_the_last_delivered_line_closes_the_order_and_a_longer_link_says_so_again(shop: Shop):
    placed = await shop.buy(uuid4(), shop.request({"VISTA-HP-ESD": 1, "WORKS-9-ESD": 1}))
    one, other = units_of(placed)
    await shop.home.publish(shop.captured(placed), shop.sent(placed, [one]))
    await shop.home.settled()
    assert await shop.state(placed) == "paid"
    await shop.home.publish(shop.sent(placed, [other]))
    (closed,) = await of_order(shop, OrderClosed, placed)
    later = placed.ordered_at + timedelta(days=90)
    facts: dict[str, Any] = {"line": placed.lines[0].line, "grant": uuid4(), "download_limit": 5}
    await shop.home.publish(DownloadExtended(**header(placed), **facts, valid_until=later))
    again = (await of_order(shop, OrderClosed, placed, 2))[-1]
    assert again.contact_until == later > closed.contact_until


async def test_a_boxed_line_is_delivered_when_staff_has_posted_it(shop: Shop):  # ORD-12 M5
    placed = await shop.buy(uuid4(), shop.request({"VISTA-HP-BOX": 1}))
    body = {"units": [str(unit) for unit in units_of(placed)]}
    path = f"/orders/{placed.order}/shipments"
    assert (await shop.post(path, body, shop.staff("sales")))[0] == 409
    await shop.home.publish(shop.captured(placed))
    await shop.home.settled()
    assert (await shop.post(path, body, shop.staff("sales")))[1]["state"] == "delivered"
    assert (await shop.post(path, body, shop.staff("sales")))[0] == 200


async def test_later_consent_releases_waiting_lines_once_and_counts_when_it_is_confirmed(shop: Shop):  # ORD-7
    customer = uuid4()
    placed = await shop.buy(customer, shop.request(consents=[]))
    headers = shop.home.bearer(shop.token(customer))
    body = {"consents": shop.request()["consents"]}
    for _ in range(2):
        status, view = await shop.post(f"/orders/{placed.order}/consents", body, headers)
        assert status == 200
        assert view["lines"][0]["deliver_from"] < str(placed.lines[0].deliver_from)[:10]
        assert {one["kind"] for one in view["consents"]} == BOTH
    await shop.home.settled()
    assert len(shop.home.log["DeliveryReleased"]) == 1
    (released,) = await of_order(shop, DeliveryReleased, placed)
    await shop.home.publish(shop.captured(placed))
    (paid,) = await of_order(shop, OrderPaid, placed)
    assert paid.consents == released.consents
    assert {one.kind for one in released.consents} == BOTH

    async def lost() -> set[str | None]:
        await shop.home.settled()
        _, view = await shop.get(f"/orders/{placed.order}", headers)
        return {unit["withdrawal_lost_at"] for unit in view["lines"][0]["units"]}

    unconfirmed = shop.sent(placed, units_of(placed))
    await shop.home.publish(unconfirmed)
    assert await lost() == {None}
    later = unconfirmed.sent_at + timedelta(days=1)
    half = {"email": uuid4(), "units": [], "consents": [ConsentKind.WITHDRAWAL_LOST], "sent_at": later}
    await shop.home.publish(unconfirmed.model_copy(update=half))
    assert await lost() == {None}
    await shop.home.publish(unconfirmed.model_copy(update={**half, "email": uuid4(), "consents": list(ConsentKind)}))
    assert {datetime.fromisoformat(str(at)) for at in await lost()} == {later}


async def test_the_billing_record_opens_for_bookkeeping_and_each_reading_is_recorded(shop: Shop):  # ORD-13 M24
    placed = await shop.buy(uuid4())
    path = f"/orders/{placed.order}/billing?purpose=dispute"
    assert (await shop.get(path, shop.staff("sales")))[0] == 403
    assert (await shop.get(path, shop.staff("bookkeeping", tenant="other")))[0] == 404
    assert (await shop.get(path.partition("?")[0], shop.staff("bookkeeping")))[0] == 422
    _, view = await shop.get(path, shop.staff("bookkeeping"))
    assert view["billing_address"]["street"] == "Heidestr. 17"
    assert ("bookkeeping", placed.billing_address_records.key) in shop.home.accounts.asked
    readings = await shop.home.sql("select purpose from chassis.audit where object_id = $1", str(placed.order))
    assert [row["purpose"] for row in readings] == ["bookkeeping: dispute"]


async def test_a_destroyed_key_is_confirmed(shop: Shop):  # ORD-2
    customer, key = uuid4(), uuid4()
    now = shop.home.clock.now()
    await shop.home.publish(
        KeyDestroyed(tenant="kontor", customer=customer, key=key, kind=KeyKind.PROFILE, destroyed_at=now)
    )
    (confirmed,) = await shop.home.published(ErasureConfirmed)
    assert (confirmed.customer, confirmed.key, confirmed.service) == (customer, key, "orders")
