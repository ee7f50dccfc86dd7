"""What cannot be paid or taxed rightly is refused with its reason before an order binds."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from contracts.orders import OrderPlaced

from services.orders.tests.integration.conftest import ADDRESS, Shop, assortment

PRICES = {"EUR": 49, "CHF": 1000, "ISK": 99_900}


@pytest.fixture(scope="module")
async def cheap(shop: Shop) -> Shop:
    """The shop with an article of some cents, which is offered in two countries and three currencies."""
    whole = assortment()
    edition = whole.editions[0]
    variant = edition.variants[0]
    price = variant.rrp[0]
    prices = [price.model_copy(update={"currency": code, "amount": amount}) for code, amount in PRICES.items()]
    offer = variant.offers[0].model_copy(update={"prices": prices, "markets": ["DE", "FR"]})
    sold = variant.model_copy(update={"sku": "CHEAP", "rrp": prices, "offers": [offer]})
    editions = [edition.model_copy(update={"variants": [sold]})]
    await shop.home.publish(whole.model_copy(update={"product": uuid4(), "editions": editions}))
    await shop.home.settled()
    return shop


def request(shop: Shop, quantity: int = 2, address: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    price = PRICES.get(changes.get("currency", "EUR"), 1)
    lines = [{"sku": "CHEAP", "quantity": quantity, "price": price}]
    return shop.request(lines=lines, billing_address={**ADDRESS, **(address or {})}) | changes


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"quantity": 1}, "total-not-payable"),
        ({"currency": "CHF", "payment_method": "transfer"}, "transfer-not-offered"),
        ({"currency": "DEM"}, "currency-not-taken"),
        ({"currency": "ABC"}, "currency-not-taken"),
        ({"address": {"country": "FR", "postal_code": "75001"}}, "not-taxable"),
        ({"address": {"postal_code": "27498"}}, "not-taxable"),
        ({"address": {"postal_code": "1010"}}, "evidence-contradicts"),
        ({"vat_id": "FR12345678901", "customer_type": "business", "consents": []}, "evidence-contradicts"),
    ],
)
async def test_F_P11_ORD_9_what_cannot_be_paid_or_taxed_is_refused(cheap: Shop, changes: dict[str, Any], reason: str):
    customer = uuid4()
    headers = cheap.home.bearer(cheap.token(customer))
    status, problem = await cheap.post("/orders", request(cheap, **changes), headers)
    assert (status, problem["type"], len(problem["title"]) > 30) == (422, f"/problems/{reason}", True)
    assert not await cheap.home.sql("select from orders where customer_id = $1", customer)


@pytest.mark.parametrize(
    ("changes", "gross"),
    [
        ({}, 98),
        ({"quantity": 1, "payment_method": "transfer"}, 49),
        ({"currency": "CHF"}, 2000),
        ({"currency": "ISK"}, 199_800),
    ],
)
async def test_F_P11_what_can_be_paid_is_taken(cheap: Shop, changes: dict[str, Any], gross: int):
    placed = await cheap.buy(uuid4(), request(cheap, **changes))
    assert placed.totals.gross == gross


async def test_ORD_9_the_evidence_of_where_an_order_is_taxed_is_frozen(cheap: Shop):
    body = request(cheap, vat_id="de 123456789", customer_type="business", consents=[])
    placed: OrderPlaced = await cheap.buy(uuid4(), body)
    assert placed.tax_evidence == ["billing address: DE", "VAT ID: DE"]
    assert isinstance(placed.ordered_at, datetime)


async def test_ORD_9_an_order_has_one_tax_per_rate_however_it_is_cut(cheap: Shop):
    whole = await cheap.buy(uuid4(), request(cheap, quantity=6))
    cut = request(cheap)
    cut["lines"] = [{**cut["lines"][0], "quantity": 1}] * 6
    assert (await cheap.buy(uuid4(), cut)).totals == whole.totals
