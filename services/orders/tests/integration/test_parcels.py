"""What was posted, who carries it, and who bought: shown to whom it is for, and to nobody else. ORD-13"""

from uuid import UUID, uuid4

import pytest
from contracts.orders import OrderPlaced
from contracts.shipping import Carrier, OrderShipped, TrackingMalformed, tracking_number, tracking_page

from services.orders.tests.integration.conftest import ADDRESS, Shop, of_order, units_of

BOXES = {"VISTA-HP-BOX": 2}
NUMBER = "00340434161094000001"
FIRM = {"customer_type": "business", "company": "Muster & Söhne", "vat_id": "DE136695976", "purchase_number": "B-77"}


async def paid(shop: Shop, customer: UUID) -> OrderPlaced:
    placed = await shop.buy(customer, shop.request(BOXES))
    await shop.home.publish(shop.captured(placed))
    await shop.home.settled()
    return placed


def parcel(*units: UUID, **more: str) -> dict[str, object]:
    return {"units": [str(unit) for unit in units], **more}


async def test_a_parcel_is_found_by_its_customer_and_its_number_travels_sealed(shop: Shop):
    customer, sales = uuid4(), shop.staff("sales")
    placed = await paid(shop, customer)
    first, second = units_of(placed)
    path = f"/orders/{placed.order}/shipments"
    sent = parcel(first, carrier="dhl", tracking_number="0034 0434 1610 9400 0001")
    assert (await shop.post(path, sent, sales))[0] == 200
    assert (await shop.post(path, sent, sales))[0] == 200  # once more is no news
    assert (await shop.post(path, parcel(second), sales))[0] == 200
    own = shop.home.bearer(shop.token(customer))
    status, shown = await shop.get(path, own)
    assert status == 200, shown
    found = [(one["units"], one["carrier"], one["tracking_number"]) for one in shown["items"]]
    assert found == [([str(first)], "dhl", NUMBER), ([str(second)], None, None)]
    assert shown["items"][0]["page"] == tracking_page(Carrier.DHL, NUMBER)
    assert (await shop.get(path, shop.staff("support")))[1] == shown
    events = await of_order(shop, OrderShipped, placed, 2)
    assert [one.carrier for one in events] == ["dhl", None]
    assert [[line.units for line in one.lines] for one in events] == [[[first]], [[second]]]
    assert NUMBER not in events[0].model_dump_json()
    rows = await shop.home.sql("select tracking from shipments where order_id = $1", placed.order)
    assert not any(NUMBER in (row["tracking"] or "") for row in rows)
    reads = await shop.home.sql("select purpose from chassis.audit where object_id = $1", str(placed.order))
    assert "shipping: tracking" in [row["purpose"] for row in reads]


async def test_nobody_else_sees_a_parcel_or_posts_one(shop: Shop):
    placed = await paid(shop, uuid4())
    path, sent = f"/orders/{placed.order}/shipments", parcel(*units_of(placed))
    for token in (shop.home.bearer(shop.token(uuid4())), shop.staff("sales", tenant="other")):
        assert (await shop.get(path, token))[0] == 404
    for token in (shop.home.bearer(shop.token(uuid4())), shop.staff("support"), shop.staff("bookkeeping")):
        assert (await shop.post(path, sent, token))[0] == 403
    assert (await shop.post(path, sent, shop.staff("sales", tenant="other")))[0] == 404
    assert (await shop.get(path, {}))[0] == 401
    assert await shop.home.sql("select id from shipments where order_id = $1", placed.order) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"tracking_number": NUMBER},
        {"carrier": "dhl", "tracking_number": "1"},
        {"carrier": "dhl", "tracking_number": "x" * 61},
        {"carrier": "ups", "tracking_number": NUMBER},
        {"carrier": "other", "tracking_number": "<b>123456</b>"},
        {"carrier": "other", "tracking_number": "1234\r\nBcc: a@b.example"},
        {"carrier": "other", "tracking_number": "１２３４５６"},
        {"carrier": "post", "tracking_number": NUMBER},
    ],
)
async def test_what_is_no_number_of_that_carrier_is_refused(shop: Shop, wrong: dict[str, str]):
    placed = await paid(shop, uuid4())
    sent = parcel(*units_of(placed), **wrong)
    assert (await shop.post(f"/orders/{placed.order}/shipments", sent, shop.staff("sales")))[0] == 422
    assert await shop.home.sql("select id from shipments where order_id = $1", placed.order) == []


def test_a_carriers_page_has_the_number_and_nothing_else():
    assert tracking_number(Carrier.UPS, "1z 999 aa1 01 2345 6784") == "1Z999AA10123456784"
    assert (tracking_page(Carrier.UPS, "1Z999AA10123456784") or "").endswith("tracknum=1Z999AA10123456784")
    assert tracking_page(Carrier.OTHER, "ABCD1234") is None
    assert tracking_page(Carrier.DHL, "javascript:alert(1)") is None
    with pytest.raises(TrackingMalformed):
        tracking_number(Carrier.OTHER, "a/../b")


async def test_who_bought_is_shown_to_them_and_to_staff_who_handle_orders(shop: Shop):
    customer = uuid4()
    placed = await shop.buy(customer, shop.request(BOXES, **FIRM))
    path = f"/orders/{placed.order}/buyer"
    facts = {name: FIRM[name] for name in ("company", "vat_id", "purchase_number")}
    status, own = await shop.get(path, shop.home.bearer(shop.token(customer)))
    assert (status, {name: own[name] for name in facts}) == (200, facts)
    assert (own["billing_address"], own["shipping_address"]) == (ADDRESS, ADDRESS)
    for role in ("sales", "support", "bookkeeping"):
        status, shown = await shop.get(path, shop.staff(role))
        assert (status, {name: shown[name] for name in facts}) == (200, facts)
        assert (shown["billing_address"], shown["shipping_address"]) == (None, None)
    rows = await shop.home.sql("select purpose from chassis.audit where object_id = $1", str(placed.order))
    assert [row["purpose"] for row in rows] == ["buyer"] * 3
    assert (await shop.get(path, shop.staff("reviewer")))[0] == 403
    for token in (shop.home.bearer(shop.token(uuid4())), shop.staff("sales", tenant="other")):
        assert (await shop.get(path, token))[0] == 404
    consumer = await shop.buy(customer)
    status, own = await shop.get(f"/orders/{consumer.order}/buyer", shop.home.bearer(shop.token(customer)))
    assert (own["company"], own["shipping_address"]) == (None, None)
