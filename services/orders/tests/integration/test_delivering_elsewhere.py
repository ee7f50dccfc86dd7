"""Boxes to another address than the buyer's: checked at its fields, sealed, shown to who may see it."""

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from chassis_testing.exports import exported
from contracts.orders import OrderPaid, OrderPlaced
from contracts.shared import DeliveryDays

from services.orders.tests.integration.conftest import ADDRESS, CONSENTS, Shop, assortment, of_order

BOXES = {"VISTA-HP-BOX": 1}
ELSEWHERE = {
    "name": "Max Muster",
    "street": "Am Kai 3",
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "DE",
    "company": "Muster & Söhne GmbH",
    "extra": "Hinterhaus, 2. Stock",
}


def elsewhere(shop: Shop, skus: dict[str, int] | None = None, **changes: Any) -> dict[str, Any]:
    return shop.request(skus or BOXES, shipping_address={**ELSEWHERE, **changes})


async def test_the_other_address_is_read_by_who_may_and_is_in_no_clear_text(shop: Shop):
    customer = uuid4()
    placed = await shop.buy(customer, elsewhere(shop))
    sales, own = shop.staff("sales"), shop.home.bearer(shop.token(customer))
    path = f"/orders/{placed.order}/shipping-address?purpose=posting"
    assert (await shop.get(path, sales))[1]["address"] == ELSEWHERE
    buyer = (await shop.get(f"/orders/{placed.order}/buyer", own))[1]
    assert (buyer["shipping_address"], buyer["billing_address"]) == (ELSEWHERE, ADDRESS)
    for headers in (shop.home.bearer(shop.token(uuid4())), shop.staff("sales", tenant="other")):
        assert (await shop.get(f"/orders/{placed.order}/buyer", headers))[0] == 404
    seen = (await shop.get(f"/orders/{placed.order}/buyer", shop.staff("support")))[1]
    assert (seen["shipping_address"], seen["billing_address"]) == (None, None)
    assert (await exported(shop.home, customer))["orders"][0]["shipping_address"] == orjson.dumps(ELSEWHERE).decode()
    (event,) = await of_order(shop, OrderPlaced, placed)
    box = event.shipping_address_contact
    assert box is not None
    assert box.key == placed.keys.contact.key
    kept = await shop.home.sql("select placed, address from orders join shipping_addresses on order_id = id")
    assert not any(text in str(dict(row)) for row in kept for text in (ELSEWHERE["street"], ELSEWHERE["extra"]))
    # what is proposed at the next order is the buyer's own
    assert (await shop.get("/me/last-address", own))[1]["address"] == ADDRESS
    shop.home.accounts.erased.add(placed.keys.contact.key)
    shop.home.shift_clock(61)
    assert (await shop.get(path, shop.staff("sales")))[1]["address"] is None


@pytest.mark.parametrize(
    ("changes", "reason", "about"),
    [
        ({"country": "FR", "postal_code": "75001"}, "not-delivered", "shipping_country"),
        ({"postal_code": "27498"}, "not-taxable", "shipping_postal_code"),
        ({"postal_code": "1010"}, "evidence-contradicts", "shipping_postal_code"),
    ],
)
async def test_where_boxes_cannot_go_is_refused_at_its_field(
    shop: Shop, changes: dict[str, Any], reason: str, about: str
):
    customer = uuid4()
    headers = shop.home.bearer(shop.token(customer))
    status, problem = await shop.post("/orders", elsewhere(shop, **changes), headers)
    assert (status, problem["type"], problem["about"]) == (422, f"/problems/{reason}", about)
    assert not await shop.home.sql("select from orders where customer_id = $1", customer)


async def test_a_box_that_is_sold_abroad_is_refused_there_while_its_tax_is_not_known(shop: Shop):
    await _publish(shop, "ABROAD-BOX", markets=["DE", "AT"])
    headers = shop.home.bearer(shop.token(uuid4()))
    body = _of(shop, "ABROAD-BOX", shipping_address={**ELSEWHERE, "country": "AT", "postal_code": "1010"})
    status, problem = await shop.post("/orders", body, headers)
    assert (status, problem["type"], problem["about"]) == (422, "/problems/not-taxable", "shipping_country")


@pytest.mark.parametrize(
    ("field", "text"), [("street", ""), ("name", "x" * 201), ("company", ""), ("extra", "x" * 201), ("country", "Land")]
)
async def test_a_field_that_is_no_address_is_named(shop: Shop, field: str, text: str):
    headers = shop.home.bearer(shop.token(uuid4()))
    status, problem = await shop.post("/orders", elsewhere(shop, None, **{field: text}), headers)
    assert status == 422
    assert [fault["at"] for fault in problem["faults"]] == [f"body.shipping_address.{field}"]


async def test_a_card_number_is_no_part_of_an_address(shop: Shop):
    headers = shop.home.bearer(shop.token(uuid4()))
    status, problem = await shop.post("/orders", elsewhere(shop, extra="4242 4242 4242 4242"), headers)
    assert (status, "card" in problem["type"]) == (422, True)


async def test_an_order_without_boxes_keeps_no_address_to_deliver_to(shop: Shop):
    placed = await shop.buy(uuid4(), elsewhere(shop, {"VISTA-HP-ESD": 1}))
    assert placed.shipping_address_contact is None
    assert placed.tax_evidence == ["billing address: DE"]
    assert not await shop.home.sql("select from shipping_addresses where order_id = $1", placed.order)


async def test_ORD_9_the_evidence_names_where_boxes_go(shop: Shop):
    placed = await shop.buy(uuid4(), elsewhere(shop))
    assert placed.tax_evidence == ["billing address: DE", "delivery address: DE"]


async def test_the_same_order_sent_twice_is_one_and_with_another_address_is_refused(shop: Shop):
    customer, key = uuid4(), uuid4().hex
    headers = shop.home.bearer(shop.token(customer))
    first = await shop.post("/orders", elsewhere(shop), headers, key)
    assert first[0] == 201
    assert (await shop.post("/orders", elsewhere(shop), headers, key))[1]["order"] == first[1]["order"]
    changed = await shop.post("/orders", elsewhere(shop, street="Am Kai 4"), headers, key)
    assert changed[0] in (409, 422)
    rows = await shop.home.sql("select id from orders where customer_id = $1", customer)
    assert [str(row["id"]) for row in rows] == [first[1]["order"]]
    posted = await shop.home.sql("select from shipping_addresses where order_id = $1", UUID(first[1]["order"]))
    assert len(posted) == 1


async def test_how_long_a_box_takes_is_agreed_with_the_order_and_stays(shop: Shop):
    customer = uuid4()
    product = await _publish(shop, "DATED-BOX", days=DeliveryDays(least=2, most=4))
    placed = await shop.buy(customer, _of(shop, "DATED-BOX"))
    await _publish(shop, "DATED-BOX", days=DeliveryDays(least=9, most=12), product=product)
    own = shop.home.bearer(shop.token(customer))
    shown = (await shop.get(f"/orders/{placed.order}", own))[1]["lines"][0]
    assert shown["delivery_days"] == {"least": 2, "most": 4}
    later = await shop.buy(customer, _of(shop, "DATED-BOX"))
    assert later.lines[0].delivery_days == DeliveryDays(least=9, most=12)
    await shop.home.publish(shop.captured(placed))
    (paid,) = await of_order(shop, OrderPaid, placed)
    assert paid.lines[0].delivery_days == DeliveryDays(least=2, most=4)
    lines = (await exported(shop.home, customer))["lines"]
    assert [line["delivery_days"] for line in lines] == [{"least": 2, "most": 4}, {"least": 9, "most": 12}]
    # nobody has named those of the other box
    unnamed = await shop.buy(customer, shop.request(BOXES))
    assert unnamed.lines[0].delivery_days is None


def _of(shop: Shop, sku: str, **changes: Any) -> dict[str, Any]:
    return shop.request(lines=[{"sku": sku, "quantity": 1, "price": 21900}], consents=CONSENTS) | changes


async def _publish(
    shop: Shop, sku: str, *, markets: list[str] | None = None, days: DeliveryDays | None = None, product: Any = None
) -> UUID:
    """Sell a box of this SKU; returns its product."""
    whole = assortment()
    edition = whole.editions[0]
    variant = next(one for one in edition.variants if one.sku == "VISTA-HP-BOX")
    price = variant.rrp[0].model_copy(update={"amount": 21900})
    offer = variant.offers[0].model_copy(update={"prices": [price], "markets": markets or ["DE"]})
    delivery = variant.delivery.model_copy(update={"delivery_days": days})
    sold = variant.model_copy(update={"sku": sku, "rrp": [price], "offers": [offer], "delivery": delivery})
    made = product or uuid4()
    editions = [edition.model_copy(update={"variants": [sold]})]
    await shop.home.publish(whole.model_copy(update={"product": made, "editions": editions}))
    await shop.home.settled()
    return made
