"""A customer: registers, signs in, orders, pays, reads mail, downloads."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from journeys.mailbox import Mailbox
from journeys.suite import Suite, until

GOOD_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"


@dataclass(slots=True)
class Customer:
    """A person with an account; `keep_data` is the choice whether data are kept (M26)."""

    suite: Suite
    tenant: str
    name: str
    email: str
    keep_data: bool = True
    language: str = "de"
    company: str | None = None
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    id: str = ""
    token: str = ""

    @property
    def mailbox(self) -> Mailbox:
        """Return this customer's mailbox."""
        return Mailbox(self.suite, self.email)

    async def register(self) -> None:
        """Make an account."""
        body = {
            "tenant": self.tenant,
            "email": self.email,
            "password": self.password,
            "name": self.name,
            "market": "DE",
            "language": self.language,
            "keep_data": self.keep_data,
        }
        self.id = (await self.suite.call("accounts", "POST", "/customers", json=body))["customer"]

    async def sign_in(self) -> None:
        """Get an access token."""
        body = {"tenant": self.tenant, "email": self.email, "password": self.password}
        self.token = (await self.suite.call("accounts", "POST", "/sign-in", json=body))["access_token"]

    async def confirm(self) -> None:
        """Send back the code that was mailed; whoever is signed in is a customer from now on."""
        path, body = "/me/email/registered/confirmation", {"code": await self.mailbox.code()}
        self.token = (await self.suite.call("accounts", "POST", path, json=body, token=self.token))["access_token"]

    async def arrive(self) -> "Customer":
        """Register, sign in, and confirm the address: the one place where customers come from."""
        await self.register()
        await self.sign_in()
        await self.confirm()
        return self

    async def shop_window(self, channel: str) -> dict[str, dict[str, Any]]:
        """Return what a channel's shop window shows this customer, by SKU; no token is needed."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            kind = "business" if self.company else "consumer"
            path = f"/products?channel={channel}&tenant={self.tenant}&customer_type={kind}&limit=100{cursor}"
            page = await self.suite.call("catalog", "GET", path)
            items += page["items"]
            if not page.get("next"):
                break
            cursor = f"&cursor={page['next']}"
        return {
            variant["sku"]: {**variant, "name": edition["name"], "price": variant["prices"][0]["amount"]}
            for product in items
            for edition in product["editions"]
            for variant in edition["variants"]
        }

    async def order(self, skus: dict[str, int], *, expect: int = 201, **how: Any) -> dict[str, Any]:
        """Order at the prices that the shop window shows; return the answer."""
        body = await self.checkout(skus, **how)
        return await self.suite.call("orders", "POST", "/orders", json=body, token=self.token, expect=expect)

    async def checkout(
        self,
        skus: dict[str, int],
        *,
        channel: str = "direct",
        method: str = "card",
        coupon: str | None = None,
        consent: bool = True,
    ) -> dict[str, Any]:
        """Return what is sent to order at the prices that the shop window shows."""
        window = await self.shop_window(channel)
        texts = await self.suite.call("orders", "GET", f"/checkout-texts?language={self.language}")
        versions = {text["kind"]: text["version"] for text in texts["items"]}
        given = [{"kind": kind, "version": versions[kind]} for kind in ("immediate_delivery", "withdrawal_lost")]
        body: dict[str, Any] = {
            "channel": channel,
            "customer_type": "business" if self.company else "consumer",
            "language": self.language,
            "payment_method": method,
            "lines": [{"sku": sku, "quantity": n, "price": window[sku]["price"]} for sku, n in skus.items()],
            "consents": given if consent and not self.company else [],
            "billing_address": {
                "name": self.name,
                "street": "Heidestraße 17",
                "postal_code": "51147",
                "city": "Köln",
                "country": "DE",
            },
        }
        if self.company:
            body |= {"company": self.company, "purchase_number": "PO-4711"}
        if coupon:
            body["coupon"] = coupon
        return body

    async def payment_page(self, order: str, *, save_card: bool = False) -> str:
        """Return the address of the provider's hosted page, once payments has consumed the order."""

        async def ask() -> str:
            body = {"order": order, "save_card": save_card}
            answer = await self.suite.call("payments", "POST", "/payments", json=body, token=self.token)
            return answer.get("url") or ""

        return await until(ask, "the payment page")

    async def enter_card(self, page: str, number: str) -> bool:
        """Fill in the provider's page; return whether the card was accepted."""
        form = {"method": "card", "number": number, "expiry": "12/30", "cvc": "123"}
        async with self.suite.http.post(page, data=form, allow_redirects=False) as answer:
            return answer.status == 303

    async def pay_by_card(self, order: str) -> None:
        """Pay with a good card."""
        await self.enter_card(await self.payment_page(order), GOOD_CARD)

    async def order_view(self, order: str) -> dict[str, Any]:
        """Return the order as its customer sees it."""
        return await self.suite.call("orders", "GET", f"/orders/{order}", token=self.token)

    async def wait_for_state(self, order: str, state: str, seconds: float = 30) -> dict[str, Any]:
        """Wait until the order is in this state; return it."""

        async def reached() -> dict[str, Any]:
            view = await self.order_view(order)
            return view if view["state"] == state else {}

        return await until(reached, f"the order to be {state}", seconds)
