"""Sales makes a product from nothing at the Work Center, and shops sell it."""

import re
import secrets
from uuid import uuid4

import pytest
from journeys.seller import Shop
from journeys.suite import Suite, until

from .browser import DESK, PHONE, Browser
from .test_desk import address, hired, sign_in
from .test_desk_withdrawals import enter
from .visitor import visitor


async def test_a_product_is_made_from_nothing_and_shown_in_its_shop(running: Suite, shop: Shop, chromium: Browser):
    family = f"Scales {secrets.token_hex(3)}"
    sku = family.replace(" ", "-").upper()

    async def sold() -> bool:
        path = f"/products?tenant={shop.tenant}&channel=direct&search={family.replace(' ', '%20')}"
        return [one["family"] for one in (await running.call("catalog", "GET", path))["items"]] == [family]

    async with chromium.person("creating", width=PHONE, language="en") as person:
        await enter(person, running, shop, "sales", "files")
        await person.open(f"{address(running)}/articles")
        await person.press("New product")
        await person.write(family=family, version="1", line="Tools", sku="WORKS-9-ESD", rrp="much")
        await person.press("Make a draft")
        assert "This amount cannot be read" in await person.text()
        await person.write(rrp="49.90")
        await person.press("Make a draft")
        assert "This SKU belongs to another product already." in await person.text()
        assert await person.page.input_value("#family") == family
        await person.write(**{"sku": sku, "channel-nordlicht": "45"})
        await person.press("Make a draft")
        await person.page.wait_for_url(re.compile("done-created"))
        text = await person.text()
        assert f"{family} 1" in text
        assert "€45.00" in text
        for missing in ("Texts are missing", "A picture is missing", "A file is missing", "It has a price"):
            assert missing in text
        await person.look()
        assert not await sold()
        draft = person.page.url.partition("?")[0]
        await person.open(f"{address(running)}/articles")
        assert f"{family} 1" in await person.text()  # a draft is in the list as it comes
        await person.open(draft)
        await person.page.click("summary:has-text('Publish')")
        assert "Publish without text and picture?" in await person.text()
        assert await person.page.get_by_role("link", name="Write the text").is_visible()
        await person.look()
        await person.press("Publish all the same")
        await person.page.wait_for_url(re.compile("done-published"))
        assert "Not in the shop yet" not in await person.text()
        await until(sold, "the shop to sell it")
    async with chromium.person("creating-again", width=DESK, language="de") as person:
        await enter(person, running, shop, "sales")
        await person.open(f"{address(running)}/articles/new")
        await person.write(family=family, version="1", line="Tools", sku=f"{sku}-2", rrp="49,90")
        await person.press("Entwurf anlegen")
        assert "gibt es schon" in await person.text()


@pytest.mark.parametrize(("language", "question"), [("de", "Ohne Text und Bild"), ("en", "without text and picture")])
async def test_a_product_without_text_and_picture_is_published_only_by_whoever_means_it(
    running: Suite, shop: Shop, language: str, question: str
):
    member = await hired(shop, "sales")
    name = f"Bare {secrets.token_hex(3)}"
    fields = {"family": name, "version": "1", "line": "Tools", "edition_name": "Standard", "edition": "standard"}
    fields |= {"sku": name.replace(" ", "-").upper(), "fulfilment": "download", "tax_class": "standard"}
    fields |= {"currency": "EUR", "rrp": "10", "channel-nordlicht": "9", "once": str(uuid4())}
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, member.email, member.password) == 303
        await guest.get("/articles/new")
        status, text, headers = await guest.post("/articles", fields, Accept_Language=language)
        assert status == 303, text
        here = headers["Location"].partition("?")[0]
        _, text, _ = await guest.get(here, Accept_Language=language)
        assert question in text
        _, _, headers = await guest.post(f"{here}/publication", {})
        assert headers["Location"] == f"{here}?note=refused-bare"
        _, _, headers = await guest.post(f"{here}/publication", {"sure": "yes"})
        assert headers["Location"] == f"{here}?note=done-published"


async def test_only_sales_makes_products(running: Suite, shop: Shop):
    member = await hired(shop, "files", "support")
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, member.email, member.password) == 303
        _, text, _ = await guest.get("/articles")
        assert "/articles/new" not in text
        assert (await guest.get("/articles/new"))[0] == 403
        assert (await guest.post("/articles", {"family": "x"}))[0] == 403
