"""Where boxes go, who reads it, and what of it is in the audit log."""

from uuid import uuid4

import asyncpg
import orjson
from chassis.audit import verify

from services.orders.tests.integration.conftest import ADDRESS, Shop, units_of

BOXES = {"VISTA-HP-BOX": 1}
ELSEWHERE = {"name": "Max Muster", "street": "Am Kai 3", "postal_code": "20457", "city": "Hamburg", "country": "DE"}


async def test_who_posts_boxes_reads_their_address_for_a_stated_purpose(shop: Shop):  # ORD-12 ORD-13
    sales = shop.staff("sales")
    placed = await shop.buy(uuid4(), shop.request(BOXES, shipping_address=ELSEWHERE))
    path = f"/orders/{placed.order}/shipping-address"
    assert (await shop.get(f"{path}?purpose=posting", sales))[1] == {"order": str(placed.order), "address": ELSEWHERE}
    for purpose in ("", "?purpose=curiosity"):
        assert (await shop.get(path + purpose, sales))[0] == 422
    assert (await shop.get(f"{path}?purpose=posting", shop.staff("support")))[0] == 403
    assert (await shop.get(f"{path}?purpose=posting", shop.staff("sales", tenant="other")))[0] == 404
    rows = await shop.home.sql("select purpose from chassis.audit where object_id = $1", str(placed.order))
    assert [row["purpose"] for row in rows] == ["shipping: posting"]
    assert ELSEWHERE["street"] not in (await shop.home.sql("select address from shipping_addresses"))[0]["address"]


async def test_boxes_without_an_address_of_their_own_go_where_the_bill_goes_and_downloads_have_none(shop: Shop):
    boxed, downloaded = await shop.buy(uuid4(), shop.request(BOXES)), await shop.buy(uuid4())
    sales = shop.staff("sales")
    _, shown = await shop.get(f"/orders/{boxed.order}/shipping-address?purpose=posting", sales)
    assert shown["address"] == ADDRESS
    assert (await shop.get(f"/orders/{downloaded.order}/shipping-address?purpose=posting", sales))[0] == 404
    abroad = shop.request(BOXES, shipping_address={**ELSEWHERE, "country": "FR"})
    token = shop.home.bearer(shop.token(uuid4()))
    assert (await shop.post("/orders", abroad, token))[0] == 422


async def test_orders_with_boxes_to_post_are_listed_until_they_are_posted(shop: Shop):  # ORD-13
    customer = uuid4()
    boxed, unpaid = [await shop.buy(customer, shop.request(BOXES)) for _ in range(2)]
    downloaded = await shop.buy(customer)
    for placed in (boxed, downloaded):
        await shop.home.publish(shop.captured(placed))
    await shop.home.settled()
    sales = shop.staff("sales")

    async def found(query: str) -> list[str]:
        return [row["order"] for row in (await shop.get(f"/orders?customer={customer}{query}", sales))[1]["items"]]

    assert await found("&to_ship=true") == [str(boxed.order)]
    assert await found("&to_ship=true&state=open") == []
    posted = {"units": [str(unit) for unit in units_of(boxed)]}
    assert (await shop.post(f"/orders/{boxed.order}/shipments", posted, sales))[0] == 200
    assert await found("&to_ship=true") == []
    # and by when they were placed
    times = [one.ordered_at.isoformat().replace("+00:00", "Z") for one in (boxed, unpaid, downloaded)]
    assert await found(f"&since={times[1]}") == [str(downloaded.order), str(unpaid.order)]
    assert await found(f"&until={times[1]}") == [str(boxed.order)]
    assert (await shop.get("/orders?since=yesterday", sales))[0] in (400, 422)
    rows = (await shop.get(f"/orders?customer={customer}", sales))[1]["items"]
    assert [row["names"] for row in rows] == [[line.name for line in one.lines] for one in (downloaded, unpaid, boxed)]


async def test_where_a_box_went_is_opened_for_reviewers_until_its_customer_is_erased(shop: Shop):  # PLT-19 ORD-2
    placed = await shop.buy(uuid4(), shop.request(BOXES, shipping_address=ELSEWHERE))
    await shop.home.publish(shop.captured(placed))
    await shop.home.settled()
    posted = {"units": [str(unit) for unit in units_of(placed)]}
    assert (await shop.post(f"/orders/{placed.order}/shipments", posted, shop.staff("sales")))[0] == 200
    reviewer = shop.staff("reviewer")
    (act,) = (await shop.get(f"/audit?object={placed.order}", reviewer))[1]["items"]
    assert (act["operation"], act["after"]["posted"]) == ("POST /orders/{order}/shipments", posted["units"])
    opening, why = f"/audit/{act['number']}/opening", {"purpose": "complaint of the buyer"}
    opened = (await shop.post(opening, why, reviewer))[1]["after"]["to"]
    assert orjson.loads(opened) == ELSEWHERE
    read = await shop.home.sql("select purpose from chassis.audit where object_id = $1", str(act["number"]))
    assert [row["purpose"] for row in read] == ["audit: complaint of the buyer"]
    shop.home.accounts.erased.add(placed.keys.contact.key)
    shop.home.shift_clock(61)
    assert (await shop.post(opening, why, reviewer))[1]["after"]["to"] is None
    connection = await asyncpg.connect(shop.home.database_url)
    assert await verify(connection) == []
    await connection.close()
