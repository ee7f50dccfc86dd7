"""The copy of what may be sold: the end is the same whatever order products are heard in."""

from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.catalog import CouponOffered, ProductPublished

from services.orders.tests.integration.conftest import Shop, assortment


def product(id_: UUID, *skus: str) -> ProductPublished:
    """A product with these articles."""
    whole = assortment()
    edition = whole.editions[0]
    variants = [edition.variants[0].model_copy(update={"sku": sku}) for sku in skus]
    editions = [edition.model_copy(update={"variants": variants})]
    return whole.model_copy(update={"product": id_, "editions": editions})


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
async def test_CAT_1_articles_that_change_their_product_are_sold_whatever_comes_first(
    shop: Shop, order: tuple[int, ...]
):
    left, right = uuid4(), uuid4()
    x, y = f"X-{left.hex[:8]}", f"Y-{left.hex[:8]}"
    events = [product(left, x), product(right, y), product(left, y), product(right, x)]
    first = shop.home.next_sequence(len(events))
    for place in order:
        await shop.home.publish(events[place], sequence=first + place)
        await shop.home.settled()
    rows = await shop.home.sql("select distinct sku, product_id from offers where sku = any($1::text[])", [x, y])
    assert {(row["sku"], row["product_id"]) for row in rows} == {(x, right), (y, left)}


async def test_an_order_that_costs_nothing_is_refused(shop: Shop):  # M17 M3
    free: dict[str, Any] = {"coupon": uuid4(), "code": "GRATIS", "discount_basis_points": 10_000, "uses": None}
    offered = CouponOffered.model_validate(CouponOffered.EXAMPLE)
    later = {"valid_until": shop.home.clock.now().replace(year=2100)}
    await shop.home.publish(offered.model_copy(update=free | later))
    await shop.home.settled()
    body = shop.request(channel="nordlicht", coupon="GRATIS")
    body["lines"][0]["price"] -= 1000
    status, problem = await shop.post("/orders", body, shop.home.bearer(shop.token(uuid4())))
    assert (status, problem["type"]) == (422, "/problems/coupon-refused")


async def test_more_units_than_an_event_may_name_are_refused(shop: Shop):
    body = shop.request({"VISTA-HP-ESD": 1000})
    body["lines"] *= 6
    status, problem = await shop.post("/orders", body, shop.home.bearer(shop.token(uuid4())))
    assert status == 422
    assert problem["faults"][0]["at"] == "body.lines"
