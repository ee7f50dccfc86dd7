from typing import Any
from uuid import uuid4

import pytest
from chassis.testing import Harness
from contracts.accounts import TenantOpened
from contracts.catalog import ProductPublished
from contracts.orders import OrderPaid, OrderPlaced
from contracts.payments import PaymentCaptured

CONSENTS = [{"kind": "immediate_delivery", "version": "2026-06"}, {"kind": "withdrawal_lost", "version": "2026-06"}]


def wish(**changes: Any) -> dict[str, Any]:
    return {
        "channel": "direct",
        "customer_type": "consumer",
        "payment_method": "card",
        "lines": [{"sku": "VISTA-HP-ESD", "quantity": 2, "price": 21900}],
        "consents": CONSENTS,
        "billing_address": {
            "name": "Erika Musterfrau",
            "street": "Heidestr. 17",
            "postal_code": "51147",
            "city": "Köln",
            "country": "DE",
        },
        **changes,
    }


@pytest.fixture(scope="module")
async def shop(orders: Harness) -> Harness:
    tenant = TenantOpened.model_validate(TenantOpened.EXAMPLE)
    year = orders.clock.now().year
    key = tenant.sellers[0].records_keys[0].model_copy(update={"year": year, "records": orders.accounts.new_key()})
    seller = tenant.sellers[0].model_copy(update={"records_keys": [key]})
    await orders.say(tenant.model_copy(update={"sellers": [seller]}))
    await orders.say(ProductPublished.model_validate_json(__import__("json").dumps(ProductPublished.EXAMPLE)))
    await orders.settled()
    return orders


async def test_a_paid_order_says_what_delivering_it_needs(shop: Harness):
    customer = uuid4()
    token = shop.accounts.token(customer, "customer", **shop.accounts.customer_claims())
    async with shop.http.post("/orders", json=wish(), headers=shop.bearer(token, **{"Idempotency-Key": "1"})) as answer:
        assert answer.status == 201, await answer.text()
        placed = await answer.json()
    (said,) = await shop.heard(OrderPlaced)
    assert said.order_number == placed["number"]
    await shop.say(
        PaymentCaptured(
            **{
                name: getattr(said, name)
                for name in ("tenant", "channel", "market", "seller", "order", "order_number", "ordered_at")
            },
            payment=uuid4(),
            amount=43800,
            currency="EUR",
            captured_at=shop.clock.now(),
        )
    )
    (paid,) = await shop.heard(OrderPaid)
    assert [line.units for line in paid.lines] == [line.units for line in said.lines]
