"""A shop and a browser that sign somebody in by the pages of accounts, as far as they keep to the rules."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from chassis_testing.harness import until
from contracts.storefront import ShopClosed, ShopOpened

from .conftest import House, Person

TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')
FORM = "application/x-www-form-urlencoded"
Answer = tuple[int, str, dict[str, str]]


def opened(tenant: str, shop: str, hosts: list[str], **brand: str) -> ShopOpened:
    look = {**ShopOpened.EXAMPLE["brand"], **brand}
    return ShopOpened.model_validate(
        {"tenant": tenant, "shop": shop, "channel": "direct", "hosts": hosts, "brand": look}
    )


def closed(tenant: str, shop: str) -> ShopClosed:
    return ShopClosed.model_validate({"tenant": tenant, "shop": shop, "channel": "direct"})


@dataclass
class Browser:
    """Somebody's browser at the pages that accounts has for one shop, and what the shop knows of it."""

    house: House
    shop: str
    name: str
    scheme: str = "http"
    cookies: dict[str, str] = field(default_factory=dict[str, str])
    token: str = ""
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    @property
    def back(self) -> str:
        return f"{self.scheme}://{self.name}/signed-in"

    @property
    def host(self) -> str:
        """The host at which accounts is for this shop."""
        return self.name.partition(":")[0]

    @property
    def question(self) -> dict[str, str]:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return {
            "response_type": "code",
            "client_id": self.shop,
            "redirect_uri": self.back,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "state": self.state,
        }

    async def ask(self, method: str, path: str, data: Any = None, **headers: str) -> Answer:
        sent = {"Host": self.host, "Accept": "text/html", **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        async with self.house.home.http.request(method, path, data=data, headers=sent, allow_redirects=False) as answer:
            text = await answer.text()
            for cookie in answer.cookies.values():
                self.cookies[cookie.key] = cookie.value
            if found := TOKEN.search(text):
                self.token = found[1]
            return answer.status, text, dict(answer.headers)

    async def authorize(self, **changes: str) -> Answer:
        return await self.ask("GET", "/authorize?" + urlencode(self.question | changes))

    async def arrive(self, page: str = "sign-in") -> str:
        """Come to a page of accounts by the shop; returns its address."""
        prompt = {"register": "create", "forgotten": "forgotten", "password": "password"}.get(page, "")
        status, text, headers = await self.authorize(**({"prompt": prompt} if prompt else {}))
        assert status == 303, text
        place = headers["Location"].replace("/sign-in?", f"/{page}?") if page == "passkey" else headers["Location"]
        status, text, _ = await self.ask("GET", place)
        assert status == 200, text
        return place

    async def send(self, place: str, fields: dict[str, str], **headers: str) -> Answer:
        return await self.ask("POST", place, {"token": self.token, **fields}, **headers)

    async def signs_in(self, person: Person, **more: str) -> Answer:
        place = await self.arrive()
        return await self.send(place, {"email": person.email, "password": person.password, **more})

    async def code(self, person: Person) -> str:
        """Sign in, and return the code with which the browser comes back to the shop."""
        status, text, headers = await self.signs_in(person)
        assert status == 303, text
        return answer_of(headers)["code"]

    async def trade(self, code: str, **changes: str) -> tuple[int, dict[str, Any]]:
        """What the shop does with a code."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.shop,
            "redirect_uri": self.back,
            "code_verifier": self.verifier,
        }
        return await asks_for_tokens(self.house, fields | changes)


async def asks_for_tokens(house: House, fields: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    async with house.home.http.post("/token", data=fields, headers=headers) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.status, await answer.json(content_type=None)


def answer_of(headers: dict[str, str]) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(headers["Location"]).query).items()}


async def shop_of(house: House, tenant: str, name: str = "", scheme: str = "http") -> Browser:
    """Open a shop of a tenant; returns a browser there."""
    shop = f"s{secrets.token_hex(4)}"
    browser = Browser(house, shop, name or f"{shop}.localhost:7000", scheme)
    await house.home.publish(opened(tenant, shop, [browser.name], name="Ein Shop", color="#0f766e"))

    async def known() -> bool:
        return (await browser.authorize())[0] == 303

    await until(known, what="accounts to know the shop")
    return browser
