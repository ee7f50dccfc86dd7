"""A shop with more products than one page shows: each is reached by links, found, and stands once in the sitemap."""

import asyncio
import re
from collections import Counter
from pathlib import Path

import pytest
from journeys.seller import Shop
from journeys.suite import Suite

from .browser import DESK, PHONE, Browser
from .conftest import Storefront, open_pages
from .visitor import Visitor, visitor

MANY = 450
# all but the last one are found by this word
COMMON, RARE, MISTYPED = "Kramladen", "Einzelstück", "Kramlaten"
# four families of the demo are sold beside them
ALL, ON_A_PAGE = MANY + 4, 48
HEAD = """
currency: EUR
time_zone: Europe/Berlin
channels:
  direct: {kind: direct, seller: kontor, market: DE}
lines: {Büro: {}, Werkstatt: {}, Zubehör: {}}
products:
"""
PRODUCT = """
  - line: {line}
    family: {word} {number:03d}
    version: "1"
    editions:
      - code: daily
        name: {word} {number:03d}
        description: Für alle Tage.
        variants:
          - sku: MANY-{number:03d}
            fulfilment: download
            rrp: 10.00
            license: {{key_source: generated, key_prefix: MNY}}
            channels: {{direct: {{}}}}
"""
LINES = ("Büro", "Werkstatt", "Zubehör")
WARE = re.compile(r'class="card ware" href="(/[^"]+)"')
PLACE = re.compile(r"<loc>([^<]+)</loc>")


@pytest.fixture(scope="module")
async def large(running: Suite, shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Storefront:
    """A shop that sells 450 more products than the demo's, each a family of its own, in three lines."""
    text = HEAD
    for number in range(MANY):
        word = COMMON if number < MANY - 1 else RARE
        text += PRODUCT.format(line=LINES[number % len(LINES)], word=word, number=number)
    file: Path = tmp_path_factory.mktemp("many") / "assortment.yaml"
    await asyncio.to_thread(file.write_text, text)
    await running.stack_run("catalog", "load", str(file), "--tenant", shop.tenant)
    return Storefront(shop, await open_pages(running, shop.tenant))


async def leaves(guest: Visitor, first: str) -> list[str]:
    """The pages of a list, as one comes from each to the next by the link for that."""
    found, path = list[str](), first
    while path:
        status, text, _ = await guest.get(path)
        assert status == 200, path
        found.append(text)
        forward = re.search(r'<a class="button second" rel="next" href="([^"]+)"', text)
        path = forward[1].replace("&amp;", "&") if forward else ""
    return found


async def test_each_product_is_reached_by_links_and_stands_once_in_the_sitemap(large: Storefront):
    async with visitor(large.address) as guest:
        pages = await leaves(guest, "/")
        wares = Counter(path for page in pages for path in WARE.findall(page))
        assert len(wares) == ALL
        assert set(wares.values()) == {1}
        assert len(pages) == 10
        _, text, _ = await guest.get("/sitemap.xml")
        places = Counter(place.removeprefix(large.address) for place in PLACE.findall(text))
        # of a family with several editions each is named as well
        assert {"/", *wares} <= set(places)
        assert len([place for place in places if place.endswith("/daily")]) == MANY
        assert set(places.values()) == {1}
        last = [path for path in wares if path not in WARE.findall(pages[0])][-1]
        assert (await guest.get(last))[0] == 200


async def test_each_page_names_itself_and_its_neighbours(large: Storefront):
    async with visitor(large.address) as guest:
        pages = await leaves(guest, "/")
        for number, page in enumerate(pages, start=1):
            own = large.address + ("/" if number == 1 else f"/?page={number}")
            assert f'<link rel="canonical" href="{own}">' in page
            before = {1: "", 2: f"{large.address}/"}.get(number, f"{large.address}/?page={number - 1}")
            assert ('<link rel="prev"' in page) == bool(before)
            assert not before or f'<link rel="prev" href="{before}">' in page
            after = f'<link rel="next" href="{large.address}/?page={number + 1}">'
            assert (after in page) == (number < len(pages))
        for path in ("/?page=11", "/?page=999999"):
            assert (await guest.get(path))[0] == 404
        for path in ("/?page=0", "/?page=-1", "/?page=x", "/?page=1&page=2"):
            assert (await guest.get(path))[0] in (400, 422), path


async def test_M11_a_search_keeps_its_words_from_page_to_page(large: Storefront):
    async with visitor(large.address) as guest:
        pages = await leaves(guest, f"/?q={COMMON}")
        wares = Counter(path for page in pages for path in WARE.findall(page))
        assert len(wares) == MANY - 1
        assert set(wares.values()) == {1}
        assert all(f'value="{COMMON}"' in page for page in pages)
        assert '<meta name="robots" content="noindex, follow">' in pages[0]
        # what is mistyped is found whole, too
        mistyped = await leaves(guest, f"/?q={MISTYPED}")
        assert len({path for page in mistyped for path in WARE.findall(page)}) == MANY - 1
        (only,) = await leaves(guest, f"/?q={RARE}")
        assert len(WARE.findall(only)) == 1
        assert 'rel="next"' not in only


@pytest.mark.parametrize(("width", "language", "scripts"), [(PHONE, "de", True), (DESK, "en", False)])
async def test_people_turn_pages(large: Storefront, chromium: Browser, width: int, language: str, scripts: bool):
    async with chromium.person(f"large-{width}", width=width, language=language, scripts=scripts) as person:
        await person.open(f"{large.address}/?page=5")
        assert ("Seite 5 von 10" if language == "de" else "Page 5 of 10") in await person.text()
        await person.page.locator("nav.leaves a[rel=next]").click()
        await person.page.wait_for_url(f"{large.address}/?page=6")
        await person.page.locator("nav.leaves a", has_text=re.compile(r"^10$")).click()
        await person.page.wait_for_url(f"{large.address}/?page=10")
        await person.look()
        assert await person.page.locator("a.ware").count() == ALL - 9 * ON_A_PAGE
        assert await person.page.locator("nav.leaves a[rel=next]").count() == 0
        await person.page.locator("a.ware").last.click()
        assert await person.page.locator("form[action='/cart']").count() == 1
