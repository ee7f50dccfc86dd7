"""Every page of a shop, as a visitor and as a customer: valid, light, and every link leads somewhere."""

import re
from collections import deque
from urllib.parse import urljoin, urlsplit

import pytest

from .browser import MOST_BYTES, read_strictly
from .conftest import Storefront
from .signing_in import come, register
from .visitor import Visitor, visitor

LINK = re.compile(r'(?:href|src)="([^"#]+)')
MOST_PAGES = 80


async def crawl(guest: Visitor) -> dict[str, int]:
    """Follow every link from the start page; return the status of each address, and check each page."""
    seen: dict[str, int] = {}
    waiting = deque(["/"])
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.popleft()
        if path in seen:
            continue
        status, text, headers = await guest.get(path)
        seen[path] = status
        if "text/html" not in headers.get("Content-Type", ""):
            continue
        if status == 200:
            read_strictly(text)
        assert len(text.encode()) < MOST_BYTES, path
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=", text), path
        assert "built-in method" not in text, path
        for link in LINK.findall(text):
            target = urlsplit(urljoin(guest.address + path, link.replace("&amp;", "&")))
            if target.netloc == urlsplit(guest.address).netloc and target.scheme == "http":
                waiting.append(target.path + (f"?{target.query}" if target.query else ""))
    return seen


@pytest.mark.parametrize("known", [False, True], ids=["visitor", "customer"])
async def test_every_link_of_a_shop_leads_somewhere(front: Storefront, known: bool):
    async with visitor(front.address) as guest:
        if known:
            await register(guest, front)
        seen = await crawl(guest)
    assert len(seen) > 10
    # the cart and the account of a visitor lead to the page for signing in
    assert not {path: status for path, status in seen.items() if status not in (200, 303)}


async def test_the_pages_of_accounts_are_valid_and_every_link_there_leads_somewhere(front: Storefront):
    async with visitor(front.address) as guest:
        for path in ("/sign-in", "/register", "/forgotten"):
            there, place = await come(guest, path)
            _, text, headers = await there.get(place)
            read_strictly(text)
            assert len(text.encode()) < MOST_BYTES
            assert f"form-action 'self' {front.address};" in headers["Content-Security-Policy"]
            for link in LINK.findall(text):
                target = urlsplit(urljoin(there.address + place, link.replace("&amp;", "&")))
                origin = f"{target.scheme}://{target.netloc}"
                if origin in (there.address, front.address):
                    status, _, _ = await Visitor(guest.http, origin).get(f"{target.path}?{target.query}")
                    assert status == 200, link


async def test_search_engines_are_shown_what_is_for_sale(front: Storefront):
    async with visitor(front.address) as guest:
        _, robots, _ = await guest.get("/robots.txt")
        assert f"Sitemap: {front.address}/sitemap.xml" in robots
        _, sitemap, _ = await guest.get("/sitemap.xml")
        places: list[str] = re.findall("<loc>(.*?)</loc>", sitemap)
        assert len(places) > 3
        for place in places:
            assert (await guest.get(urlsplit(place).path))[0] == 200


async def test_M11_a_search_finds_by_any_word_and_says_so_where_there_is_nothing(front: Storefront):
    async with visitor(front.address) as guest:
        _, found, _ = await guest.get("/?q=vista+windows")
        assert "Windows Vista" in found
        assert "Works 9" not in found
        _, nothing, _ = await guest.get("/?q=%3Cscript%3Ealert(1)%3C/script%3E")
        assert "<script>alert" not in nothing
        assert "Versuchen Sie ein anderes Wort" in nothing
