import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.identity.sealing import open_box
from contracts.orders import OrderPlaced

from services.orders.tests.integration.conftest import Shop, uses


async def test_an_order_freezes_prices_tax_texts_and_consents(shop: Shop):  # ORD-3 ORD-7 ORD-9
    placed = await shop.buy(uuid4(), shop.request({"VISTA-HP-ESD": 2, "WORKS-9-ESD": 1}))
    assert (placed.totals.net, placed.totals.tax, placed.totals.gross) == (41008, 7791, 48799)
    assert [len(line.units) for line in placed.lines] == [2, 1]
    assert {published.kind for published in placed.consents} == {"immediate_delivery", "withdrawal_lost"}
    assert "Widerrufsrecht" in placed.consents[1].text
    assert placed.terms.button_text == "zahlungspflichtig bestellen"
    assert placed.lines[0].deliver_from is None


async def test_an_order_keeps_the_version_of_the_shops_own_terms_by_which_it_was_placed(shop: Shop):
    named = await shop.buy(uuid4(), shop.request(terms_version="kontor.de.2026-11-30"))
    other = await shop.buy(uuid4(), shop.request())
    assert (named.terms.terms_version, other.terms.terms_version) == ("kontor.de.2026-11-30", "2026-06")
    headers = shop.home.bearer(shop.token(uuid4()))
    assert (await shop.post("/orders", shop.request(terms_version="a b"), headers, "no version"))[0] == 422


async def test_personal_texts_are_sealed_to_their_keys_and_nowhere_in_clear(shop: Shop):  # M23 ORD-14
    placed = await shop.buy(uuid4(), shop.request(customer_type="business", company="Musterfirma KG", consents=[]))
    key = shop.home.accounts.private_halves[placed.billing_address_records.key]
    assert "Heidestr. 17" in open_box(placed.billing_address_records, key)
    assert placed.company_profile is not None
    assert placed.company_records is not None
    assert open_box(placed.company_records, key) == "Musterfirma KG"
    await shop.home.published(OrderPlaced)
    rows = await shop.home.sql("select orders::text from orders union all select lines::text from lines")
    text = "".join(row[0] for row in rows) + "".join(str(record.value) for record in shop.home.log["OrderPlaced"])
    for secret in ("Musterfirma", "Heidestr", "Musterfrau", "erika@example.org"):
        assert secret not in text


async def test_F_P01_fifty_repetitions_under_one_key_are_one_order(shop: Shop):  # ORD-5
    customer = uuid4()
    headers = shop.home.bearer(shop.token(customer))
    body, key = shop.request(), str(uuid4())
    answers = await asyncio.gather(*(shop.post("/orders", body, headers, key) for _ in range(50)))
    assert {status for status, _ in answers} <= {201, 409}
    assert len({body["order"] for status, body in answers if status == 201}) == 1
    assert len(await shop.home.sql("select from orders where customer_id = $1", customer)) == 1


async def test_the_first_answer_is_what_the_order_page_and_a_repetition_show(shop: Shop):
    headers = shop.home.bearer(shop.token(uuid4()))
    body = shop.request({"WORKS-9-ESD": 2})
    status, first = await shop.post("/orders", body, headers, "seen-thrice")
    repeated = await shop.post("/orders", body, headers, "seen-thrice")
    shown = await shop.get(f"/orders/{first['order']}", headers)
    assert (status, repeated, shown) == (201, (201, first), (200, first))


async def test_F_P02_a_used_key_with_another_body_changes_nothing(shop: Shop):
    customer = uuid4()
    headers = shop.home.bearer(shop.token(customer))
    assert (await shop.post("/orders", shop.request(), headers, "once"))[0] == 201
    status, problem = await shop.post("/orders", shop.request({"WORKS-9-ESD": 1}), headers, "once")
    assert (status, problem["type"]) == (422, "/problems/idempotency-key-reused")
    assert len(await shop.home.sql("select from orders where customer_id = $1", customer)) == 1


async def test_F_P12_a_price_that_is_not_the_valid_one_is_refused(shop: Shop):
    headers = shop.home.bearer(shop.token(uuid4()))
    body = shop.request()
    body["lines"][0]["price"] -= 1
    status, problem = await shop.post("/orders", body, headers)
    assert (status, problem["type"]) == (409, "/problems/price-changed")


async def test_a_coupon_counts_in_its_partner_channel_only(shop: Shop):  # M17 CAT-4
    headers = shop.home.bearer(shop.token(uuid4()))
    body = shop.request(channel="nordlicht", coupon="NORD10")
    body["lines"][0]["price"] = 20900
    status, order = await shop.post("/orders", body, headers)
    assert (status, order["lines"][0]["price"], order["seller"]) == (201, 18810, "nordlicht")
    status, problem = await shop.post("/orders", shop.request(coupon="NORD10"), headers)
    assert (status, problem["type"]) == (422, "/problems/coupon-refused")


async def test_F_P16_a_coupon_is_used_as_often_as_it_may_under_concurrency(shop: Shop):
    used = await uses(shop)
    body = shop.request(channel="nordlicht", coupon="NORD10")
    body["lines"][0]["price"] = 20900
    tokens = [shop.home.bearer(shop.token(uuid4())) for _ in range(10)]
    answers = await asyncio.gather(*(shop.post("/orders", body, headers) for headers in tokens))
    assert sum(status == 201 for status, _ in answers) == 3 - used
    assert await uses(shop) == 3


async def test_order_numbers_count_per_seller(shop: Shop):
    partner = shop.request(channel="nordlicht", lines=[{"sku": "WORKS-9-ESD", "quantity": 1, "price": 3999}])
    placed = [await shop.buy(uuid4(), request) for request in (None, None, partner, None)]
    first, second, other, third = [(order.seller, int(order.order_number.split("-")[2])) for order in placed]
    assert [number - first[1] for _, number in (first, second, third)] == [0, 1, 2]
    assert (other[0], other[1] < third[1]) == ("nordlicht", True)
    shown = await shop.get(f"/orders/{placed[3].order}", shop.staff("support"))
    assert shown[1]["number"] == placed[3].order_number


async def test_without_consent_delivery_waits_for_the_end_of_the_period(shop: Shop):  # ORD-7
    placed = await shop.buy(uuid4(), shop.request(consents=[]))
    release = placed.lines[0].deliver_from
    assert release is not None
    assert (release - placed.ordered_at).days >= 14
    business = await shop.buy(uuid4(), shop.request(consents=[], customer_type="business"))
    assert business.lines[0].deliver_from is None


@pytest.mark.parametrize("quantity", [0, -1, 2**31, 1.5, "2", None])
async def test_F_P13_a_quantity_that_is_none_is_refused(shop: Shop, quantity: Any):
    body = shop.request()
    body["lines"][0]["quantity"] = quantity
    status, problem = await shop.post("/orders", body, shop.home.bearer(shop.token(uuid4())))
    assert (status, problem["faults"][0]["at"]) == (422, "body.lines.0.quantity")


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": []},
        {"total": 1},
        {"channel": "nowhere"},
        {"customer_type": "robot"},
        {"consents": [{"kind": "immediate_delivery", "version": "2026-06"}]},
        {"consents": [{"kind": "withdrawal_lost", "version": "1999"}]},
        {"billing_address": {"country": "DE"}},
        {"billing_address": {"name": "a", "street": "b", "postal_code": "c", "city": "d", "country": "FR"}},
        {"lines": [{"sku": "../etc", "quantity": 1, "price": 1}]},
        {"lines": [{"sku": "UNKNOWN", "quantity": 1, "price": 1}]},
        {"company": "x" * 201},
    ],
)
async def test_what_cannot_be_sold_leaves_nothing_behind(shop: Shop, changes: dict[str, Any]):
    customer = uuid4()
    status, problem = await shop.post("/orders", shop.request(**changes), shop.home.bearer(shop.token(customer)))
    assert status == 422, problem
    assert not await shop.home.sql("select from orders where customer_id = $1", customer)


async def test_F_P30_a_card_number_in_any_field_is_not_repeated_in_the_answer(shop: Shop):
    number = "4242424242424242"
    headers = shop.home.bearer(shop.token(uuid4()))
    for body in ({**shop.request(), number: 1}, shop.request(channel=number), shop.request(payment_method=number)):
        _, problem = await shop.post("/orders", body, headers)
        assert number not in str(problem)


async def test_F_P30_a_card_number_as_an_idempotency_key_is_not_kept(shop: Shop):
    number = "4242424242424242"
    headers = shop.home.bearer(shop.token(uuid4()))
    body = shop.request()
    answers = [await shop.post("/orders", body, headers, number) for _ in range(2)]
    assert len({body["order"] for _, body in answers}) == 1
    rows = await shop.home.sql("select i::text from chassis.idempotency i")
    assert not [row for row in rows if number in row[0]]


async def test_buying_needs_a_customer_who_is_signed_in(shop: Shop):  # M18 ORD-1
    assert (await shop.post("/orders", shop.request(), {}))[0] == 401
    assert (await shop.post("/orders", shop.request(), shop.home.bearer("not.a.token")))[0] == 401
    assert (await shop.post("/orders", shop.request(), shop.staff("sales")))[0] == 403


async def test_F_P28_F_A01_an_order_is_there_for_its_customer_and_the_tenants_staff_only(shop: Shop):
    customer = uuid4()
    placed = await shop.buy(customer)
    path = f"/orders/{placed.order}"
    assert (await shop.get(path, shop.home.bearer(shop.token(customer))))[0] == 200
    assert (await shop.get(path, shop.staff("support")))[0] == 200
    assert (await shop.get(path, shop.home.bearer(shop.token(uuid4()))))[0] == 404
    assert (await shop.get(path, shop.staff("support", tenant="other")))[0] == 404
    assert (await shop.get(path, shop.staff("files")))[0] == 403
    for action in ("cancellation", "consents"):
        body = {"consents": shop.request()["consents"]} if action == "consents" else None
        async with shop.home.http.post(
            f"{path}/{action}", json=body, headers=shop.home.bearer(shop.token(uuid4()))
        ) as answer:
            assert answer.status == 404


async def test_the_list_goes_page_by_page_newest_first(shop: Shop):  # E16
    customer = uuid4()
    placed = [await shop.buy(customer) for _ in range(5)]
    headers = shop.home.bearer(shop.token(customer))
    seen: list[str] = []
    cursor = ""
    while True:
        _, page = await shop.get(f"/orders?limit=2{cursor}", headers)
        seen += [row["number"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [order.order_number for order in reversed(placed)]
    assert (await shop.get("/orders?limit=2&cursor=nonsense", headers))[0] == 400


async def test_an_order_is_found_by_its_number_by_staff_and_its_customer_alone(shop: Shop):  # E16
    customer = uuid4()
    placed, _ = await shop.buy(customer), await shop.buy(customer)
    staff = shop.home.bearer(shop.home.accounts.token(uuid4(), "support"))
    other = shop.home.bearer(shop.home.accounts.token(uuid4(), "support", tenant="elsewhere"))
    for path in (f"/orders?number={placed.order_number.lower()}", f"/orders?number_ends={placed.order_number[-6:]}"):
        for headers, count in (
            (staff, 1),
            (shop.home.bearer(shop.token(customer)), 1),
            (shop.home.bearer(shop.token(uuid4())), 0),
            (other, 0),
        ):
            _, page = await shop.get(path, headers)
            assert [row["order"] for row in page["items"]] == [str(placed.order)] * count
        assert (await shop.get(f"{path}&state=closed", staff))[1]["items"] == []
    for wrong in ("number=", "number_ends=", "number_ends=12", "number_ends=12%25", "number_ends=abc"):
        assert (await shop.get(f"/orders?{wrong}", staff))[0] == 422


async def test_what_was_said_is_what_was_answered(shop: Shop):
    placed = await shop.buy(uuid4())
    await shop.home.settled()
    published: list[OrderPlaced] = await shop.home.published(OrderPlaced)
    assert placed in published
    assert isinstance(placed.order, UUID)
