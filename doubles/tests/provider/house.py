"""The provider in a test, called over the wire by the official SDK."""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
import stripe
from aiohttp import web

KEY, SECRET = "sk_test_house", "whsec_house"
GOOD = "4242424242424242"


@dataclass
class Shop:
    """A webhook endpoint that checks signatures and records what it received."""

    events: list[Any] = field(default_factory=list[Any])
    raw: list[tuple[bytes, str]] = field(default_factory=list[tuple[bytes, str]])
    refused: int = 0
    answers: list[int] = field(default_factory=list[int])

    async def take(self, request: web.Request) -> web.Response:
        body, signature = await request.read(), request.headers["Stripe-Signature"]
        self.raw.append((body, signature))
        try:
            event = stripe.Webhook.construct_event(body, signature, SECRET)  # pyright: ignore[reportUnknownMemberType] -- the SDK has no types here
        except stripe.SignatureVerificationError:
            self.refused += 1
            return web.Response(status=400)
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.events.append(event)
        return web.Response(status=status)

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@dataclass
class House:
    """The provider under test, with its clients and the shop."""

    url: str
    stripe: stripe.StripeClient
    http: httpx.AsyncClient
    shop: Shop

    async def control(self, name: str, **body: Any) -> Any:
        answer = await self.http.post(f"/_control/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def open(self, **more: Any) -> Any:
        return await self.stripe.v1.checkout.sessions.create_async(params=order(**more))

    async def pay(self, session: Any, number: str = GOOD, **fields: str) -> httpx.Response:
        form = {"method": "card", "number": number, "expiry": "12 / 40", "cvc": "123", "email": "a@example.org"}
        return await self.http.post(session.url, data=form | fields)

    async def paid(self, number: str = GOOD, **more: Any) -> Any:
        session = await self.open(**more)
        answer = await self.pay(session, number)
        assert answer.status_code == 303, answer.text
        return await self.stripe.v1.checkout.sessions.retrieve_async(
            session.id, params={"expand": ["payment_intent.latest_charge", "line_items"]}
        )


def order(**more: Any) -> Any:
    price = {"currency": "eur", "unit_amount": 1250, "product_data": {"name": "Ledger <Pro>"}}
    return {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 2}],
        "success_url": "https://shop.example/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/cart",
        "client_reference_id": "order-1",
        "metadata": {"7": "seven"},
        "payment_intent_data": {"metadata": {"order": "o-1"}},
    } | more


async def until(what: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


async def quiet(shop: Shop) -> None:
    """Wait until no webhook has been received for a quarter of a second."""
    count = -1
    while count != len(shop.raw):
        count = len(shop.raw)
        await asyncio.sleep(0.25)


def client(url: str, key: str = KEY, timeout: float = 10) -> stripe.StripeClient:
    return stripe.StripeClient(
        key, base_addresses={"api": url}, http_client=stripe.HTTPXClient(timeout=timeout), max_network_retries=0
    )


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


class Start(Protocol):
    """Starts the provider again, on a state file or none, for a shop that has enabled some types of events or all."""

    async def __call__(self, state: Path | None = None, enabled_events: Collection[str] = ()) -> House: ...
