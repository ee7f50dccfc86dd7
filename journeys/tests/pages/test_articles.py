"""Staff writes what shops show, hangs pictures, and finds what is withdrawn."""

import re
from pathlib import Path
from typing import Any

import pytest
from journeys.demo import art
from journeys.seller import Shop
from journeys.suite import Suite

from .browser import DESK, PHONE, Browser
from .test_desk import address, hired, sign_in, sit_down
from .visitor import visitor


async def product_of(shop: Shop, family: str) -> Any:
    path = f"/products?tenant={shop.tenant}&channel=direct&limit=100"
    listed = (await shop.suite.call("catalog", "GET", path))["items"]
    return next(one for one in listed if one["family"] == family)


@pytest.mark.parametrize(("width", "language"), [(PHONE, "en"), pytest.param(DESK, "de", marks=pytest.mark.torture)])
async def test_E14_staff_hangs_a_picture_and_writes_texts(
    running: Suite, shop: Shop, chromium: Browser, tmp_path: Path, width: int, language: str
):
    member = await hired(shop, "files")
    works = await product_of(shop, "Works")
    here = f"{address(running)}/articles/{works['product']}"
    good, bad = tmp_path / "works.png", tmp_path / "bad.png"
    good.write_bytes(art.draw("Works"))
    bad.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    async with chromium.person(f"articles-{width}", width=width, language=language) as person:
        await sit_down(person, running, shop, member)
        await person.open(here)
        await person.open(f"{here}/shown/{works['family_id']}")
        for file, note in ((bad, "refused-picture-unreadable"), (good, "done-picture")):
            await person.write(alt_de="Ein Kalender", alt_en="A calendar")
            await person.page.set_input_files("#file", file)
            await person.page.click("form[data-upload] button")
            await person.page.wait_for_url(re.compile(f"note={note}"))
            await person.look()
        loaded = await person.page.eval_on_selector("img.thumb", "one => one.complete && one.naturalWidth > 0")
        assert loaded
        # what is written in another language is saved with it
        await person.page.fill("#summary-en", "A suite")
        await person.page.fill("#description-de", "# Neu\n\n<script>alert(1)</script>")
        await person.page.click("form[action$='/texts'] button")
        await person.page.wait_for_url(re.compile("note=done-text"))
        await person.page.click("details.preview summary >> nth=0")
        await person.look()
        assert await person.page.locator(".preview h3:has-text('Neu')").count() == 1
        assert await person.page.locator("main script").count() == 0
        await person.page.fill("#secure_until", "2033-01-31")
        await person.page.click("form[action$='/support'] button")
        await person.page.wait_for_url(re.compile("note=done-text"))
    path = f"/products/{works['product']}?tenant={shop.tenant}&channel=direct"
    shown = (await shop.suite.call("catalog", "GET", path))["presentations"][works["family_id"]]
    assert (shown["secure_until"], shown["picture"]["alt"]["en"]) == ("2033-01-31", "A calendar")
    assert shown["texts"]["en"]["summary"] == "A suite"
    assert shown["texts"]["de"]["description"] == "# Neu\n\n<script>alert(1)</script>"


async def test_what_is_withdrawn_is_listed_and_seen_and_the_order_stands_in_the_address(running: Suite, shop: Shop):
    expression = await product_of(shop, "Expression")
    await shop.seller.ask("catalog", "POST", f"/products/{expression['product']}/withdrawal")
    async with visitor(address(running)) as guest:
        await sign_in(guest, shop.tenant, shop.seller.email, shop.seller.password)
        _, selling, _ = await guest.get("/articles")
        _, withdrawn, _ = await guest.get("/articles?state=withdrawn")
        assert "Expression Web" not in selling
        assert "Expression Web" in withdrawn
        assert "Works 9" not in withdrawn
        status, page, _ = await guest.get(f"/articles/{expression['product']}")
        assert status == 200
        assert 'name="sure"' not in page
        _, page, _ = await guest.get("/articles?state=all&sort=price&descending=true")
        assert 'aria-sort="descending"' in page
        places = [page.index(f">{name}</a>") for name in ("Expression Web", "Windows Vista", "Office 2007", "Works 9")]
        assert places == sorted(places)
        assert 'href="/articles?state=all&amp;sort=price"' in page
        for strange in ("sort=x", "state=x", "descending=x"):
            assert (await guest.get(f"/articles?{strange}"))[0] in (400, 422)
        assert (await guest.get("/articles?channel=x&search=%00"))[0] in (200, 400, 422)


async def test_who_only_helps_sees_and_does_not_write(running: Suite, shop: Shop):
    works = await product_of(shop, "Works")
    member = await hired(shop, "support")
    here = f"/articles/{works['product']}/shown/{works['product']}"
    async with visitor(address(running)) as guest:
        await sign_in(guest, shop.tenant, member.email, member.password)
        status, page, _ = await guest.get(here)
        assert status == 200
        assert 'name="title_de"' not in page
        for path in ("texts", "support", "picture/removal"):
            status, _, _ = await guest.post(f"{here}/{path}", {"title_de": "x"})
            assert status == 403, path
        foreign = (await product_of(shop, "Office"))["product"]
        assert (await guest.get(f"/articles/{works['product']}/shown/{foreign}"))[0] == 404
