from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing import Harness, until
from chassis_testing.fixtures import ServiceHome
from contracts.accounts import TenantOpened
from contracts.catalog import ChannelKind, CouponOffered, ProductPublished
from contracts.event import Event
from contracts.letters import EmailSent
from contracts.orders import OrderPlaced
from contracts.payments import PaymentCaptured
from contracts.shared import Fulfilment, KeysPer
from orders.__main__ import service

CONSENTS = [{"kind": "immediate_delivery", "version": "2026-06"}, {"kind": "withdrawal_lost", "version": "2026-06"}]
ADDRESS = {
    "name": "Erika Musterfrau",
    "street": "Heidestr. 17",
    "postal_code": "51147",
    "city": "Köln",
    "country": "DE",
}
PRICES = {"VISTA-HP-ESD": 21900, "WORKS-9-ESD": 4999, "VISTA-HP-BOX": 22900, "SUITE-TEAM": 49900}


@dataclass
class Shop:
    """The orders service with an assortment, a direct and a partner channel; `buy` sends what `request` makes."""

    home: Harness

    def token(self, customer: UUID) -> str:
        return self.home.accounts.token(customer, "customer", **self.home.accounts.person_claims())

    def staff(self, *roles: str, tenant: str = "kontor") -> dict[str, str]:
        return self.home.bearer(self.home.accounts.token(uuid4(), *roles, tenant=tenant))

    def request(self, skus: dict[str, int] | None = None, **changes: Any) -> dict[str, Any]:
        lines = [{"sku": sku, "quantity": n, "price": PRICES[sku]} for sku, n in (skus or {"VISTA-HP-ESD": 2}).items()]
        return {
            "channel": "direct",
            "customer_type": "consumer",
            "payment_method": "card",
            "lines": lines,
            "consents": CONSENTS,
            "billing_address": ADDRESS,
            **changes,
        }

    async def post(
        self, path: str, body: Any, headers: dict[str, str], key: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        keyed = {**headers, "Idempotency-Key": key or str(uuid4())}
        async with self.home.http.post(path, json=body, headers=keyed) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        async with self.home.http.get(path, headers=headers) as answer:
            return answer.status, await answer.json()

    async def buy(self, customer: UUID, request: dict[str, Any] | None = None) -> OrderPlaced:
        headers = self.home.bearer(self.token(customer))
        status, order = await self.post("/orders", request or self.request(), headers)
        assert status == 201, order
        placed = await self.home.sql("select placed from orders where id = $1", UUID(order["order"]))
        return OrderPlaced.model_validate_json(placed[0]["placed"])

    async def state(self, placed: OrderPlaced) -> str:
        return (await self.home.sql("select state from orders where id = $1", placed.order))[0]["state"]

    def captured(self, placed: OrderPlaced, **changes: Any) -> PaymentCaptured:
        facts: dict[str, Any] = {
            "payment": uuid4(),
            "amount": placed.totals.gross,
            "currency": "EUR",
            "captured_at": placed.ordered_at,
        }
        return PaymentCaptured(**(header(placed) | facts | changes))

    def sent(self, placed: OrderPlaced, units: list[UUID], **changes: Any) -> EmailSent:
        facts: dict[str, Any] = {
            "email": uuid4(),
            "kind": "delivery",
            "units": units,
            "message_id": "<1@test>",
            "answer": "250",
            "sent_at": placed.ordered_at,
        }
        return EmailSent(**header(placed), **(facts | changes))


async def uses(shop: Shop) -> int:
    """How many orders use a coupon."""
    rows = await shop.home.sql("select count(*) from orders where coupon_id is not null and state <> 'cancelled'")
    return rows[0]["count"]


def header(placed: OrderPlaced) -> dict[str, Any]:
    """The header that every event of this order carries."""
    return {**placed.header}


def units_of(placed: OrderPlaced) -> list[UUID]:
    """Every unit of an order."""
    return [unit for line in placed.lines for unit in line.units]


async def of_order(shop: Shop, event: type[Event], placed: OrderPlaced, count: int = 1) -> list[Any]:
    """What was published of this order, waiting until there are so many."""

    async def enough() -> list[Any] | None:
        published = [fact for fact in await shop.home.published(event) if fact.order == placed.order]
        return published if len(published) >= count else None

    return await until(enough, what=f"{count} {event.__name__}")


@pytest.fixture(scope="module")
async def shop(service_home: ServiceHome) -> AsyncGenerator[Shop]:
    async with service_home(service, orders_per_minute=10_000) as home:
        await open_shop(home)
        yield Shop(home)


async def open_shop(home: Harness) -> None:
    tenant = TenantOpened.model_validate(TenantOpened.EXAMPLE)
    known = tenant.sellers[0]
    years = (home.clock.now().year, home.clock.now().year + 1)
    keys = [known.records_keys[0].model_copy(update={"year": y, "records": home.accounts.new_key()}) for y in years]
    direct = known.model_copy(update={"records_keys": keys})
    partner = direct.model_copy(update={"seller": "nordlicht", "legal_name": "Nordlicht Systemhaus GmbH"})
    await home.publish(tenant.model_copy(update={"sellers": [direct, partner]}))
    await home.publish(assortment())
    offered = CouponOffered.model_validate(CouponOffered.EXAMPLE)
    await home.publish(offered.model_copy(update={"uses": 3, "valid_until": home.clock.now() + timedelta(days=365)}))
    await home.settled()


def assortment() -> ProductPublished:
    product = ProductPublished.model_validate(ProductPublished.EXAMPLE)
    edition = product.editions[0]
    variant = edition.variants[0]
    offer = variant.offers[0]
    variants: list[Any] = []
    for sku, amount in PRICES.items():
        price = offer.prices[0].model_copy(update={"amount": amount})
        cheaper = offer.prices[0].model_copy(update={"amount": amount - 1000})
        partner: dict[str, Any] = {
            "channel": "nordlicht",
            "channel_kind": ChannelKind.PARTNER,
            "seller": "nordlicht",
            "prices": [cheaper],
        }
        offers = [offer.model_copy(update={"prices": [price]}), offer.model_copy(update=partner)]
        fulfilment = Fulfilment.BOXED if sku.endswith("BOX") else Fulfilment.DOWNLOAD
        keys_per = KeysPer.PURCHASE if sku.endswith("TEAM") else KeysPer.UNIT
        update: dict[str, Any] = {"sku": sku, "rrp": [price], "offers": offers, "fulfilment": fulfilment}
        update["license"] = variant.license.model_copy(update={"keys_per": keys_per})
        variants.append(variant.model_copy(update=update))
    return product.model_copy(update={"editions": [edition.model_copy(update={"variants": variants})]})
