"""What no browser sends: addresses that lead away, headers that are no text, and pages that are held open."""

import asyncio
import re

import aiohttp
import pytest
from journeys.seller import Shop
from journeys.suite import Suite, until

from .conftest import Storefront
from .signing_in import register
from .test_desk import address, hired, sign_in
from .test_doors import SKU
from .visitor import Visitor, visitor

NO_TEXT = b"\xff".decode(errors="surrogateescape")


@pytest.mark.parametrize("gap", ["\t", "\n", "\r\n", "\t\\", "\x01"], ids=repr)
async def test_ASVS_3_7_after_a_form_no_gap_in_an_address_leads_away(front: Storefront, gap: str):
    async with visitor(front.address) as guest:
        await guest.get("/")
        status, _, headers = await guest.post("/language", {"language": "en", "after": f"/{gap}/evil.example"})
        # browsers take tabs and line ends out (URL, 4.4), and then it would be `//evil.example`
        assert status == 303
        assert headers["Location"].startswith("/%")


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": f"storefront-visitor={'a' * 42}{NO_TEXT}"},
        {"Cookie": f"storefront-cart=A{NO_TEXT}~2"},
        {"Host": NO_TEXT},
        {"Accept_Language": NO_TEXT},
        {"X_Forwarded_For": NO_TEXT},
    ],
    ids=str,
)
async def test_a_header_that_is_no_text_fails_nowhere(front: Storefront, headers: dict[str, str]):
    lines = {"Host": front.address.removeprefix("http://"), **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    port = int(front.address.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    text = f"GET / HTTP/1.1\r\nAccept: text/html\r\nConnection: close\r\n{head}\r\n"
    writer.write(text.encode(errors="surrogateescape"))
    answer = await reader.read()
    writer.close()
    assert int(answer.split()[1]) in (200, 404)


async def test_an_address_without_a_shop_is_repeated_nowhere(front: Storefront):
    async with visitor(front.address) as guest:
        for path in ("/", "/robots.txt", "/sitemap.xml", "/brand.css"):
            status, text, _ = await guest.get(path, Host="evil.example")
            assert (status, "evil.example" in text) == (404, False), path


async def test_an_origin_that_is_no_address_is_foreign(front: Storefront):
    async with visitor(front.address) as guest:
        await guest.get("/")
        assert (await guest.post("/cart", {"sku": SKU}, Origin="http://["))[0] == 403


async def test_a_customer_holds_few_pages_open_and_whoever_leaves_holds_none(front: Storefront):
    async with visitor(front.address) as guest:
        await register(guest, front)
        place = await order_by_transfer(guest)
        held = [await _open(guest, place) for _ in range(8)]
        assert [answer.status for answer in held] == [200] * 8
        assert (await guest.get(f"{place}/events"))[0] == 429
        for answer in held:
            answer.close()

        async def room() -> bool:
            answer = await _open(guest, place)
            answer.close()
            return answer.status == 200

        await until(room, "the server to see that nobody looks any more", seconds=10)


FILE = 'Content-Disposition: form-data; name="file"; filename="%s"\r\n\r\nhalf a file'
ENDLESS = "".join(f"X-{number}: {'a' * 7000}\r\n" for number in range(200))


@pytest.mark.parametrize(
    ("part", "end"),
    [
        (FILE % "torn.exe", ""),
        (FILE % "torn.exe", "\r\n"),
        (FILE % f"torn{NO_TEXT}.exe", "\r\n--XX--\r\n"),
        (ENDLESS + FILE % "torn.exe", "\r\n--XX--\r\n"),
    ],
    ids=["no end", "a line but no end", "a name that is no text", "an endless head"],
)
async def test_of_a_form_that_is_torn_no_file_is_kept(running: Suite, shop: Shop, part: str, end: str):
    member = await hired(shop, "files")
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, member.email, member.password) == 303
        await guest.get("/")
        token = f'Content-Disposition: form-data; name="token"\r\n\r\n{guest.token}'
        form = f"--XX\r\n{token}\r\n--XX\r\n{part}{end}".encode(errors="surrogateescape")
        sent = await guest.post(f"/skus/{SKU}/files", form, Content_Type="multipart/form-data; boundary=XX")
        assert sent[0] in (400, 503)
        status, text, _ = await guest.get(f"/skus/{SKU}")
        assert (status, "torn" in text) == (200, False)


async def test_the_last_day_of_all_has_an_end(running: Suite, shop: Shop):
    member = await hired(shop, "reviewer", "support")
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, member.email, member.password) == 303
        for path in ("/downloads", "/downloads/table", "/acts"):
            for days in ("since=9999-12-31&until=9999-12-31", "since=0001-01-01&until=0001-01-01"):
                assert (await guest.get(f"{path}?{days}"))[0] in (200, 422)


async def _open(guest: Visitor, place: str) -> aiohttp.ClientResponse:
    host, _, port = guest.address.removeprefix("http://").partition(":")
    url = f"http://127.0.0.1:{port}{place}/events"
    return await guest.http.get(url, headers={"Host": f"{host}:{port}", "Accept": "text/html"})


async def order_by_transfer(guest: Visitor) -> str:
    """Order something that is paid later; return where the order is."""
    await guest.get("/")
    await guest.post("/cart", {"sku": SKU})
    _, text, _ = await guest.get("/checkout")
    fields = dict(re.findall(r'name="(once|shown|terms)" value="([^"]*)"', text))
    fields |= {"name": "Dora Dritt", "street": "Weg 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
    return (await guest.post("/checkout", fields | {"payment_method": "transfer"}))[2]["Location"]
