"""What a buyer asks is answered on the pages of a shop: families, editions, prices, files, support, pictures."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from journeys.demo import art
from journeys.demo.picturing import hang_pictures
from journeys.shops import SERIALS

from .browser import DESK, PHONE, Browser, read_strictly
from .conftest import Storefront, open_pages
from .visitor import visitor

PICTURE = re.compile(r'srcset="(/pictures/[0-9a-f]{64}-320\.webp) 320w')


@pytest.fixture(scope="module")
async def window(front: Storefront) -> Storefront:
    """The shop with a picture of each family but Works."""
    assert await hang_pictures(front.shop) == 4
    works = await family_of(front, "Works")
    await front.shop.seller.ask("catalog", "DELETE", f"/presentations/{works['family_id']}/picture")
    return front


async def family_of(front: Storefront, family: str) -> Any:
    path = f"/products?tenant={front.shop.tenant}&channel=direct&limit=100"
    listed = (await front.shop.suite.call("catalog", "GET", path))["items"]
    return next(one for one in listed if one["family"] == family)


@pytest.mark.parametrize(("width", "language", "dark"), [(PHONE, "de", True), (DESK, "en", False)])
async def test_M8_a_family_leads_to_its_editions_and_an_edition_answers_a_buyer(
    window: Storefront, chromium: Browser, width: int, language: str, dark: bool
):  # M9 M11 M13
    async with chromium.person(f"window-{width}", width=width, language=language, dark=dark) as person:
        await person.open(window.address)
        await person.page.click("a.card:has-text('Vista')")
        await person.look()
        assert "/families/" in person.page.url
        text = await person.text()
        assert ("ab 219,00" in text) if language == "de" else ("from €219.00" in text)
        await person.page.click("a.card:has-text('Business')")
        await person.look()
        await person.page.click("nav.editions a:has-text('Home Premium')")
        await person.look()
        text = await person.text()
        for words in ("219,00", "Box per Post") if language == "de" else ("€219.00", "Box by post"):
            assert words in text
        assert f"{SERIALS.lower()}.exe" in text
        assert "200" in text
        assert ("31. Dezember 2031" if language == "de" else "31 December 2031") in text
        shown = await person.page.eval_on_selector("img.art", "one => one.complete && one.naturalWidth > 0")
        assert shown
        assert await person.page.get_attribute("img.art", "alt") == art.ALT["Windows"][language]


async def test_a_product_without_a_picture_has_one_in_the_brands_colour(window: Storefront):
    works = await family_of(window, "Works")
    async with visitor(window.address) as guest:
        status, page, _ = await guest.get(f"/products/{works['product']}")
    assert status == 200
    assert '<svg class="art none"' in page
    assert ">W</text>" in page
    assert "<img" not in page


async def test_pictures_come_from_the_shop_itself_and_are_kept(window: Storefront):
    async with visitor(window.address) as guest:
        _, page, headers = await guest.get("/")
        assert "img-src 'self'" in headers["Content-Security-Policy"]
        found: list[str] = PICTURE.findall(page)
        assert len(found) == 3
        url = f"{window.shop.suite.state.urls['storefront']}{found[0]}"
        async with guest.http.get(url, headers={"Host": window.address.partition("://")[2]}) as answer:
            assert (answer.status, answer.content_type) == (200, "image/webp")
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert (await answer.read())[8:12] == b"WEBP"
        for path in (
            found[0].replace("-320", "-321"),
            "/pictures/..%2f..%2fetc%2fpasswd",
            "/pictures/..-320.webp",
            "/pictures/x",
        ):
            assert (await guest.get(path))[0] in (404, 422)


async def test_M9_what_machines_read_is_what_people_read(window: Storefront):
    vista = await family_of(window, "Windows")
    async with visitor(window.address) as guest:
        _, family, _ = await guest.get(f"/families/{vista['family_id']}")
        _, page, _ = await guest.get(f"/products/{vista['product']}/home-premium")
        _, sitemap, _ = await guest.get("/sitemap.xml")
        assert (await guest.get(f"/products/{vista['product']}/nothing"))[0] == 404
        assert (await guest.get("/families/00000000-0000-0000-0000-000000000000"))[0] == 404
    for text in (family, page):
        read_strictly(text)
    assert 'itemprop="lowPrice" content="219.00"' in family
    assert 'itemprop="highPrice" content="309.00"' in family
    assert '<data itemprop="price" value="229.00">' in page
    assert 'itemprop="sku" content="VISTA-HP-BOX"' in page
    assert re.search(rf'itemprop="image" href="{re.escape(window.address)}/pictures/[0-9a-f]{{64}}-1280.webp"', page)
    assert f"{window.address}/families/{vista['family_id']}" in sitemap
    assert f"{window.address}/products/{vista['product']}/ultimate" in sitemap
    assert f"{window.address}/products/{(await family_of(window, 'Works'))['product']}/works" in sitemap


async def test_M14_the_recommended_price_stands_beside_a_lower_one(window: Storefront):
    host = f"nord-{window.shop.tenant}"
    address = await open_pages(
        window.shop.suite,
        window.shop.tenant,
        shop=host,
        channel="nordlicht",
        hosts=[f"{host}.localhost:{window.shop.suite.state.ports['storefront']}"],
    )
    vista = await family_of(window, "Windows")
    async with visitor(address.replace(window.shop.tenant, host, 1)) as guest:
        _, page, _ = await guest.get(f"/products/{vista['product']}")
    assert "199,00" in page
    assert re.search(r"UVP</abbr> 219,00", page)
    async with visitor(window.address) as guest:
        _, page, _ = await guest.get(f"/products/{vista['product']}")
    assert "UVP</abbr>" not in page


async def test_no_markdown_of_staff_runs_in_a_shop(window: Storefront, chromium: Browser):
    expression = await family_of(window, "Expression")
    change = "document.title='pwned'"
    hostile = f'<script>{change}</script>\n\n<img src=x onerror="{change}">\n\n[x](javascript:alert(1))'
    text = {
        "title": "Expr<i>ession",
        "summary": '"><script>1</script>',
        "description": hostile,
        "requirements": hostile,
    }
    seller = window.shop.seller
    path = f"/presentations/{expression['product']}/texts/de"
    await seller.ask("catalog", "PUT", path, json=text)
    address = await open_pages(
        window.shop.suite,
        window.shop.tenant,
        shop=f"x-{window.shop.tenant}",
        hosts=[f"x-{window.shop.tenant}.localhost:{window.shop.suite.state.ports['storefront']}"],
    )
    address = address.replace("://", "://x-", 1)
    alt = urlencode({"alt_de": '" onload="alert(1)', "alt_en": "'><script>"})
    headers = {"Content-Type": "image/png"}
    content = art.draw("Expression")
    await seller.ask(
        "catalog", "PUT", f"/presentations/{expression['product']}/picture?{alt}", data=content, headers=headers
    )
    async with chromium.person(language="de") as person:
        await person.open(f"{address}/products/{expression['product']}")
        assert "pwned" not in await person.page.title()
        assert (
            await person.page.locator("main script, main [onerror], main [onload], main a[href^=javascript]").count()
            == 0
        )
        assert "<script>" in await person.text()
