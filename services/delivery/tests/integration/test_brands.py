"""The page of a link bears the brand of the shop in which it was bought."""

import base64
import hashlib
import re
from typing import Any

from contracts.storefront import ShopClosed, ShopOpened

from .conftest import Depot

CHANNEL = "direct"
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def opened(tenant: str, channel: str, shop: str = "laden", **brand: Any) -> ShopOpened:
    look = {**ShopOpened.EXAMPLE["brand"], "name": "Nordlicht & Söhne", "color": "#0f766e", **brand}
    facts = {"tenant": tenant, "shop": shop, "channel": channel, "hosts": ["nordlicht.example"], "brand": look}
    return ShopOpened.model_validate(facts)


async def page(depot: Depot, token: str) -> tuple[str, str]:
    """The page, and what its policy allows to be its style."""
    async with depot.home.http.get(f"/d/{token}", headers={"Accept": "text/html"}) as answer:
        text, policy = await answer.text(), answer.headers["Content-Security-Policy"]
        style = STYLE.search(text)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
        return text, policy


async def test_a_page_bears_the_brand_of_its_shop_while_that_is_open(depot: Depot):
    sale, token, _ = await depot.sold(b"x")
    plain, plain_policy = await page(depot, token)
    assert "<header" not in plain
    await depot.home.publish(opened(sale.tenant, CHANNEL), opened("lumen", CHANNEL, "anders", name="Anders"))
    await depot.home.settled()
    text, policy = await page(depot, token)
    assert "Nordlicht &amp; Söhne</a>" in text
    assert ">N</span>" in text
    assert "--brand: #0f766e" in text
    assert 'href="http://nordlicht.example/"' in text
    assert "Anders" not in text
    assert policy != plain_policy
    closed = {"tenant": sale.tenant, "shop": "laden", "channel": CHANNEL}
    await depot.home.publish(ShopClosed.model_validate(closed))
    await depot.home.settled()
    assert await page(depot, token) == (plain, plain_policy)


async def test_the_newest_state_of_a_shop_holds_and_one_that_cannot_be_shown_is_plain(depot: Depot):
    sale, token, _ = await depot.sold(b"x")
    first = depot.home.next_sequence(2)
    await depot.home.publish(opened(sale.tenant, CHANNEL, name="Neu"), sequence=first + 1)
    await depot.home.publish(opened(sale.tenant, CHANNEL, name="Alt"), sequence=first)
    await depot.home.settled()
    assert "Neu</a>" in (await page(depot, token))[0]
    evil = opened(sale.tenant, CHANNEL, color="red}body{display:none", name="Böse")
    await depot.home.publish(evil)
    await depot.home.settled()
    assert "Böse" not in (await page(depot, token))[0]
