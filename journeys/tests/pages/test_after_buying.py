"""What a customer sees once it is paid, without a browser: downloads that count once, keys that follow."""

import re
import secrets
from collections.abc import AsyncGenerator

import pytest
from journeys.customer import Customer
from journeys.seller import Shop
from journeys.shops import GENERATED
from journeys.suite import until

from .conftest import PASSWORD, Storefront
from .signing_in import sign_in
from .visitor import Visitor, visitor

# sold with keys of a stock that this shop does not fill
EMPTY = "VISTA-B-ESD"
START = re.compile(r'action="(/account/downloads/[^"]+)"')


@pytest.fixture
async def customer(shop: Shop) -> Customer:
    """Somebody with an account."""
    email = f"b{secrets.token_hex(4)}@example.org"
    return await Customer(shop.suite, shop.tenant, "Nina Neu", email, password=PASSWORD).arrive()


async def buy(customer: Customer, sku: str) -> str:
    """Order an article and pay for it; return the order."""
    order: str = (await customer.order({sku: 1}))["order"]
    await customer.pay_by_card(order)
    return order


@pytest.fixture
async def guest(front: Storefront, customer: Customer) -> AsyncGenerator[Visitor]:
    """The customer at the shop's pages."""
    async with visitor(front.address) as found:
        assert await sign_in(found, customer.email, customer.password) == 303
        yield found


async def test_a_download_that_is_looked_at_again_counts_once(customer: Customer, guest: Visitor):
    await buy(customer, GENERATED)

    async def there() -> str:
        _, text, _ = await guest.get("/account/downloads")
        found = START.search(text)
        return found[1] if found else ""

    path = await until(there, "the download")
    assert (await guest.get("/account/downloads/started"))[0] == 303  # nothing was started
    status, _, headers = await guest.post(path, {})
    assert (status, headers["Location"]) == (303, "/account/downloads/started")
    addresses: list[str] = []
    for _ in range(2):
        _, _, headers = await guest.get("/account/downloads/started")
        addresses.append(headers["Refresh"].partition("url=")[2])
        async with guest.http.get(addresses[-1]) as answer:
            await answer.read()
    assert "/t/" in addresses[0]
    assert addresses[0] == addresses[1]

    async def left() -> list[int]:
        (grant,) = (await customer.suite.call("delivery", "GET", "/me/grants", token=customer.token))["items"]
        return [file["left"] for file in grant["files"] if file["left"] != grant["download_limit"]]

    assert await until(left, "the download to count") == [4]


async def test_a_key_that_is_out_of_stock_is_said_to_follow_before_and_after(customer: Customer, guest: Visitor):
    await guest.get("/cart")
    assert (await guest.post("/cart", {"sku": EMPTY}))[0] == 303
    for page in ("/cart", "/checkout"):
        assert "Schlüssel zurzeit nicht vorrätig" in (await guest.get(page))[1]
    order = await buy(customer, EMPTY)

    async def said() -> bool:
        _, text, _ = await guest.get(f"/orders/{order}")
        return "sobald es wieder welche gibt" in text and "Die E-Mail mit dem Schlüssel folgt" in text

    await until(said, "the page to say that a key follows")
    assert customer.email in (await guest.get(f"/orders/{order}"))[1]
