"""Texts, support and pictures of what is for sale, and the files that delivery has published."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from catalog.domain.product import edition_id, family_id, product_id
from chassis_testing import Harness
from chassis_testing.harness import until
from contracts.delivery import FileReleased
from PIL import Image
from typer.testing import Result

from services.catalog.tests.images import HIDDEN, bomb, picture, polyglot

Load = Callable[..., Awaitable[Result]]
Sales = Callable[..., dict[str, str]]

WORKS, FAMILY = product_id("kontor", "Works", "9"), family_id("kontor", "Works")
EDITION = edition_id(WORKS, "works")
TEXT = {"title": "Works", "summary": "Kurz.", "description": "# Was\n\n<script>x</script>", "requirements": "- 1 GB"}
ALT = {"alt_de": "Ein Verlauf", "alt_en": "A slope"}


@pytest.fixture(scope="module")
async def shop(catalog: Harness, load: Load, assortment: str) -> Harness:
    loaded = await load(assortment)
    assert loaded.exit_code == 0, loaded.output
    await load(assortment, tenant="lumen")
    return catalog


async def ask(shop: Harness, method: str, path: str, status: int = 200, **how: Any) -> Any:
    async with shop.http.request(method, path, **how) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def detail(shop: Harness, product: UUID = WORKS, tenant: str = "kontor") -> Any:
    return await ask(shop, "GET", f"/products/{product}", params={"tenant": tenant, "channel": "direct"})


async def send(shop: Harness, headers: dict[str, str], content: Any, status: int = 200, **changes: Any) -> Any:
    path = f"/presentations/{changes.pop('subject', WORKS)}/picture"
    params = {**ALT, **changes.pop("params", {})}
    headers = {**headers, "Content-Type": changes.pop("kind", "image/png")}
    return await ask(shop, "PUT", path, status, data=content, params=params, headers=headers)


async def fetch(shop: Harness, name: str, tenant: str = "kontor") -> tuple[int, bytes, Any]:
    async with shop.http.get(f"/pictures/{name}", params={"tenant": tenant}) as answer:
        return answer.status, await answer.read(), answer.headers


async def test_what_the_file_writes_is_shown_by_family_product_and_edition(shop: Harness):
    found = await detail(shop)
    assert found["family_id"] == str(FAMILY)
    family = found["presentations"][str(FAMILY)]
    assert family["secure_until"] == "2030-12-31"
    assert "<strong>Kalender</strong>" in family["texts"]["de"]["description_html"]
    assert found["presentations"][str(EDITION)]["texts"]["en"]["summary"].startswith("Texts, sheets")
    listed = await ask(
        shop, "GET", "/products", params={"tenant": "kontor", "channel": "direct", "search": "templates"}
    )
    assert [one["family"] for one in listed["items"]] == ["Works"]
    assert set(listed["items"][0]["presentations"][str(FAMILY)]) == {"texts", "picture"}


async def test_a_line_is_named_by_the_file_in_each_language_found_by_it_and_written_by_staff_of_its_tenant_alone(
    shop: Harness, sales: Sales
):
    found = await detail(shop)
    line = found["line_id"]
    assert found["presentations"][line]["texts"]["en"]["title"] == "Office programs"
    params = {"tenant": "kontor", "channel": "direct", "search": "office programs"}
    assert "Works" in [one["family"] for one in (await ask(shop, "GET", "/products", params=params))["items"]]
    body = {**TEXT, "title": "Office apps"}
    await ask(shop, "PUT", f"/presentations/{line}/texts/en", 404, json=body, headers=sales("lumen"))
    await ask(shop, "PUT", f"/presentations/{line}/texts/en", json=body, headers=sales())
    assert (await detail(shop))["presentations"][line]["texts"]["en"]["title"] == "Office apps"


@pytest.mark.parametrize("role", ["sales", "files"])
async def test_staff_writes_texts_and_support_and_a_file_that_is_silent_leaves_them(
    shop: Harness, sales: Sales, load: Load, assortment: str, role: str
):
    headers = sales(role=role)
    shown = await ask(shop, "PUT", f"/presentations/{WORKS}/texts/de", json=TEXT, headers=headers)
    assert shown["name"] == "Works 9"
    assert "script>" not in shown["texts"]["de"]["description_html"]
    support = {"contact": "https://example.org/hilfe", "supported_until": None, "secure_until": "2030-01-31"}
    await ask(shop, "PUT", f"/presentations/{WORKS}/support", json=support, headers=headers)
    await load(assortment)
    found = (await detail(shop))["presentations"][str(WORKS)]
    assert found["texts"]["de"]["title"] == "Works"
    assert (found["support_contact"], found["secure_until"]) == ("https://example.org/hilfe", "2030-01-31")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("texts/de", {"title": "x" * 121}),
        ("texts/de", {"title": "a\nb"}),
        ("texts/de", {"description": "x" * 8001}),
        ("texts/de", {"unknown": "x"}),
        ("support", {"contact": "javascript:alert(1)"}),
        ("support", {"contact": 'https://x/"><script>'}),
        ("support", {"secure_until": "soon"}),
    ],
)
async def test_texts_that_do_not_fit_are_refused(shop: Harness, sales: Sales, path: str, body: dict[str, str]):
    await ask(shop, "PUT", f"/presentations/{WORKS}/{path}", 422, json=body, headers=sales())


async def test_only_sales_and_files_of_the_tenant_write(shop: Harness, sales: Sales):
    path = f"/presentations/{WORKS}"
    await ask(shop, "PUT", f"{path}/texts/de", 401, json=TEXT)
    for role in ("support", "reviewer", "bookkeeping"):
        await ask(shop, "PUT", f"{path}/texts/de", 403, json=TEXT, headers=sales(role=role))
        await send(shop, sales(role=role), picture(), 403)
    foreign = sales("lumen")
    await ask(shop, "GET", path, 404, headers=foreign)
    await ask(shop, "PUT", f"{path}/texts/de", 404, json=TEXT, headers=foreign)
    await ask(shop, "PUT", f"{path}/support", 404, json={}, headers=foreign)
    await ask(shop, "DELETE", f"{path}/picture", 404, headers=foreign)
    await send(shop, foreign, picture(), 404)
    await ask(shop, "PUT", f"/presentations/{uuid4()}/texts/de", 404, json=TEXT, headers=sales())
    await ask(shop, "PUT", f"{path}/texts/fr", 404, json=TEXT, headers=sales())


async def test_a_picture_is_shown_for_ever_under_its_hash(shop: Harness, sales: Sales):
    shown = (await send(shop, sales(), picture(), subject=EDITION))["picture"]
    assert (shown["width"], shown["height"], shown["alt"]) == (1280, 720, {"de": "Ein Verlauf", "en": "A slope"})
    assert (await detail(shop))["presentations"][str(EDITION)]["picture"] == shown
    status, content, headers = await fetch(shop, f"{shown['hash']}-640.webp")
    assert (status, headers["Content-Type"], headers["X-Content-Type-Options"]) == (200, "image/webp", "nosniff")
    assert "immutable" in headers["Cache-Control"]
    assert Image.open(io.BytesIO(content)).size == (640, 360)


@pytest.mark.parametrize(
    "name", ["{}-641.webp", "{}.webp", "{}-640.png", "..%2f..%2fetc%2fpasswd", "%2e%2e-320.webp", "{}-320.webp%00"]
)
async def test_an_address_leads_to_pictures_alone(shop: Harness, sales: Sales, name: str):
    shown = (await send(shop, sales(), picture(900, 900)))["picture"]
    status, _, _ = await fetch(shop, name.format(shown["hash"]))
    assert status in (404, 422)
    assert (await fetch(shop, f"{shown['hash']}-320.webp", "lumen"))[0] == 404
    assert (await fetch(shop, f"{shown['hash']}-320.webp"))[0] == 200


async def test_nothing_of_a_polyglot_is_shown(shop: Harness, sales: Sales):
    content = polyglot()
    assert HIDDEN in content
    shown = (await send(shop, sales(), content, kind="image/jpeg"))["picture"]
    for width in (320, 640, 1280):
        assert b"script" not in (await fetch(shop, f"{shown['hash']}-{width}.webp"))[1]


@pytest.mark.parametrize(
    ("content", "status", "changes"),
    [
        (bomb(30_000), 422, {}),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, {"kind": "image/png"}),
        (picture(400, 400, "GIF"), 415, {"kind": "image/png"}),
        (picture(), 415, {"kind": "text/html"}),
        (picture()[:-500], 415, {}),
        (bytes(10_000_001), 413, {}),
        (picture(), 422, {"params": {"alt_en": ""}}),
        (picture(), 422, {"params": {"alt_en": "  "}}),
    ],
    ids=["bomb", "svg", "gif", "type", "torn", "large", "no-alt", "blank-alt"],
)
async def test_what_is_no_picture_is_refused(
    shop: Harness, sales: Sales, content: bytes, status: int, changes: dict[str, Any]
):
    before = (await detail(shop))["presentations"][str(WORKS)]
    await send(shop, sales(), content, status, **changes)
    assert (await detail(shop))["presentations"][str(WORKS)] == before


async def test_an_upload_without_a_length_ends_at_ten_megabytes(shop: Harness, sales: Sales):
    async def endless() -> Any:
        for _ in range(12):
            yield bytes(1_000_000)

    await send(shop, sales(), endless(), 413)


async def test_a_torn_upload_changes_nothing(shop: Harness, sales: Sales):
    before = (await detail(shop))["presentations"][str(WORKS)]
    host, _, port = shop.base_url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = [f"PUT /presentations/{WORKS}/picture?alt_de=a&alt_en=b HTTP/1.1", f"Host: {host}"]
    head += [f"Authorization: {sales()['Authorization']}", "Content-Type: image/png", "Content-Length: 100000"]
    writer.write("\r\n".join([*head, "", ""]).encode() + picture()[:500])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.3)
    assert (await detail(shop))["presentations"][str(WORKS)] == before


async def test_a_picture_that_nothing_shows_goes_and_one_that_something_shows_stays(shop: Harness, sales: Sales):
    content = picture(700, 400)
    shared = (await send(shop, sales(), content))["picture"]["hash"]
    await send(shop, sales(), content, subject=FAMILY)
    await ask(shop, "DELETE", f"/presentations/{WORKS}/picture", headers=sales())
    shop.shift_clock(2 * 3600)
    lonely = (await send(shop, sales(), picture(800, 400)))["picture"]["hash"]
    await ask(shop, "DELETE", f"/presentations/{WORKS}/picture", headers=sales())
    shop.shift_clock(2 * 3600)

    async def gone() -> bool:
        return (await fetch(shop, f"{lonely}-320.webp"))[0] == 404

    await until(gone, timeout=90, what="the picture to go")
    assert (await fetch(shop, f"{shared}-320.webp"))[0] == 200
    again = (await send(shop, sales(), picture(800, 400)))["picture"]["hash"]
    assert again == lonely


async def test_files_are_shown_as_delivery_has_published_them_last(shop: Harness):
    files = [{**FileReleased.EXAMPLE["files"][0], "name": "works.exe", "size": 700_000_000, "version": "9.1"}]
    released = {**FileReleased.EXAMPLE, "sku": "WORKS-9-ESD", "files": files, "released_at": "2026-11-03T00:00:00Z"}
    await shop.publish(FileReleased.model_validate(released))
    await shop.publish(FileReleased.model_validate({**released, "files": [], "released_at": "2026-11-02T00:00:00Z"}))

    async def known() -> Any:
        return (await detail(shop))["files"].get("WORKS-9-ESD")

    (file,) = await until(known, what="the files")
    assert (file["name"], file["size"], file["version"]) == ("works.exe", 700_000_000, "9.1")


async def test_staff_lists_what_is_withdrawn_and_sorts(shop: Harness, sales: Sales, load: Load, assortment: str):
    await load(assortment, tenant="lists")
    headers = sales("lists")
    vista = product_id("lists", "Windows", "Vista")
    await ask(shop, "POST", f"/products/{vista}/withdrawal", headers=headers)

    async def families(**params: str) -> list[str]:
        found = await ask(shop, "GET", "/assortment", params=params, headers=headers)
        return [one["family"] for one in found["items"]]

    assert await families() == ["Expression", "Office", "Windows", "Works"]
    assert await families(state="withdrawn") == ["Windows"]
    assert await families(state="for_sale", sort="price") == ["Works", "Office", "Expression"]
    assert await families(sort="name", descending="true") == ["Works", "Windows", "Office", "Expression"]
    assert await families(search="vista-hp-b") == ["Windows"]
    assert (await families(sort="changed", descending="true"))[0] == "Windows"
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        params = {"limit": "1", "sort": "price", "descending": "true"} | ({"cursor": cursor} if cursor else {})
        part = await ask(shop, "GET", "/assortment", params=params, headers=headers)
        seen += [one["family"] for one in part["items"]]
        cursor = part["next"]
    assert (seen, cursor) == (["Expression", "Windows", "Office", "Works"], None)
    whole = await ask(shop, "GET", f"/assortment/{vista}", headers=headers)
    assert whole["withdrawn_by"] == "staff"
    assert {offer["channel"] for offer in whole["editions"][0]["variants"][0]["offers"]} == {"direct", "nordlicht"}
    await ask(shop, "GET", f"/assortment/{vista}", 404, headers=sales("kontor"))
    await ask(shop, "GET", "/assortment", 403, headers=sales("lists", role="bookkeeping"))
