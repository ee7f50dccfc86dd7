import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from catalog.domain.product import product_id
from catalog.store import documents
from chassis.db.pooled_read import PooledRead
from chassis_testing import Harness
from typer.testing import Result

Load = Callable[..., Awaitable[Result]]


@pytest.fixture(scope="module")
async def shop(catalog: Harness, load: Load, assortment: str) -> Harness:
    loaded = await load(assortment)
    assert loaded.exit_code == 0, loaded.output
    return catalog


async def get(shop: Harness, path: str, status: int = 200, **query: str) -> Any:
    async with shop.http.get(path, params=query) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def shift(catalog: Harness, *, days: int) -> None:
    """Move the service's clock, which sees it within 50 milliseconds."""
    catalog.shift_clock(days * 86_400)
    await asyncio.sleep(0.06)


async def listed(shop: Harness, channel: str = "direct", **query: str) -> dict[str, Any]:
    """The products of a channel by family."""
    found = await get(shop, "/products", 200, tenant="kontor", channel=channel, **query)
    return {item["family"]: item for item in found["items"]}


def skus(product: dict[str, Any]) -> list[str]:
    return [variant["sku"] for edition in product["editions"] for variant in edition["variants"]]


async def test_anybody_may_look_and_sees_ranges_and_prices(shop: Harness):
    # CAT-2, CAT-8, M11
    products = await listed(shop)
    assert products["Windows"]["price_ranges"] == [{"currency": "EUR", "lowest": 21900, "highest": 30900}]
    assert products["Office"]["price_ranges"] == [{"currency": "EUR", "lowest": 13900, "highest": 64900}]
    assert products["Works"]["price_ranges"] == [{"currency": "EUR", "lowest": 4999, "highest": 4999}]
    assert products["Expression"]["price_ranges"] == [{"currency": "EUR", "lowest": 36000, "highest": 36000}]


async def test_the_direct_channel_shows_exactly_the_recommended_price_and_a_partner_its_own(shop: Harness):
    # CAT-3, M12, M14
    direct, partner = await listed(shop), await listed(shop, channel="nordlicht")
    for product in direct.values():
        for edition in product["editions"]:
            assert all(variant["prices"] == variant["rrp"] for variant in edition["variants"])
    vista = partner["Windows"]["editions"][0]["variants"][0]
    assert (vista["prices"], vista["rrp"]) == (
        [{"amount": 19900, "currency": "EUR"}],
        [{"amount": 21900, "currency": "EUR"}],
    )


async def test_a_channel_shows_only_its_own_assortment(shop: Harness):
    # M2, M5
    direct, partner = await listed(shop), await listed(shop, channel="nordlicht")
    assert "VISTA-HP-BOX" in skus(direct["Windows"])
    assert "VISTA-HP-BOX" not in skus(partner["Windows"])


async def test_consumers_see_no_business_only_article_and_foreign_markets_nothing(shop: Harness):
    # CAT-7, M7
    consumer = await listed(shop, customer_type="consumer", market="DE")
    business = await listed(shop, customer_type="business", market="DE")
    assert "OFFICE-SB-ESD" not in skus(consumer["Office"])
    assert "OFFICE-SB-ESD" in skus(business["Office"])
    assert await listed(shop, market="FR") == {}


async def test_one_product_is_shown_by_its_id(shop: Harness):
    vista = (await listed(shop))["Windows"]
    found = await get(shop, f"/products/{vista['product']}", tenant="kontor", channel="direct")
    assert {**found, "presentations": None, "files": None} == {**vista, "presentations": None, "files": None}
    refused = await get(shop, f"/products/{vista['product']}", 404, tenant="kontor", channel="direct", market="FR")
    assert refused["type"] == "/problems/not-eligible"
    refused = await get(shop, f"/products/{vista['product']}", 404, tenant="kontor", channel="elsewhere")
    assert refused["type"] == "/problems/not-listed"


async def test_the_channels_are_shown(shop: Harness):
    # M1
    found = await get(shop, "/channels", tenant="kontor")
    assert found["items"] == [
        {"channel": "direct", "kind": "direct", "seller": "kontor", "market": "DE", "net": False},
        {"channel": "nordlicht", "kind": "partner", "seller": "nordlicht", "market": "DE", "net": False},
    ]


async def test_search_finds_names_descriptions_and_german_forms_of_words(shop: Harness):
    # CAT-8
    for words, family in {
        "vista": "Windows",
        "Textverarbeitungen": "Office",
        "Terminen": "Works",
        "Webseite": "Expression",
        "WORKS-9-ESD": "Works",
        '"Media Center"': "Windows",
    }.items():
        assert list(await listed(shop, search=words)) == [family], words
    assert await listed(shop, search="Lochkarte") == {}
    assert list(await listed(shop, line="Betriebssysteme")) == ["Windows"]


async def test_a_search_is_words_and_never_a_query(shop: Harness):
    for words in ("'; drop table products; --", "a & | ! ( ", "'" * 50, "<->", ":*", "\\", "%", '"', "und der die"):
        await get(shop, "/products", tenant="kontor", channel="direct", search=words)
    assert len(await listed(shop)) == 4
    assert len(await listed(shop, search="")) == 4


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"channel": "direct"}, 422),
        ({"tenant": "kontor"}, 422),
        ({"tenant": "kontor", "channel": "direct", "search": "x" * 101}, 422),
        ({"tenant": "kontor", "channel": "direct", "search": "a\0b"}, 422),
        ({"tenant": "kontor", "channel": "direct", "market": "Germany"}, 422),
        ({"tenant": "kontor", "channel": "direct", "customer_type": "robot"}, 422),
        ({"tenant": "kontor", "channel": "direct", "limit": "0"}, 422),
        ({"tenant": "kontor", "channel": "direct", "limit": "501"}, 422),
        ({"tenant": "kontor", "channel": "direct", "cursor": "x' or 1=1"}, 400),
        ({"tenant": "kontor", "channel": "direct", "order": "price"}, 400),
        ({"tenant": "kontor", "channel": "nowhere"}, 404),
        ({"tenant": "another", "channel": "direct"}, 404),
        ({"tenant": "KONTOR' --", "channel": "direct"}, 422),
    ],
)
async def test_a_bad_question_is_refused_without_being_repeated(shop: Harness, query: dict[str, str], status: int):
    problem = await get(shop, "/products", status, **query)
    assert problem["type"].startswith("/problems/")
    assert "robot" not in str(problem)


async def test_a_question_that_is_no_text_is_no_failure(shop: Harness):
    for raw in ("%ff%fe", "%ed%a0%80", "%00"):
        async with shop.http.get(f"/products?tenant=kontor&channel=direct&search={raw}") as answer:
            assert answer.status in (200, 422), raw


async def test_another_tenants_product_is_not_there(shop: Harness):
    vista = (await listed(shop))["Windows"]
    await get(shop, f"/products/{vista['product']}", 404, tenant="another", channel="direct")
    await get(shop, f"/products/{uuid4()}", 404, tenant="kontor", channel="direct")
    await get(shop, "/products/nonsense", 404, tenant="kontor", channel="direct")
    assert (await get(shop, "/channels", tenant="another"))["items"] == []


async def test_paging_shows_everything_once_although_products_come_and_go_meanwhile(
    catalog: Harness, load: Load, sales: Callable[..., dict[str, str]]
):
    await load(assortment_of(7), tenant="paging")
    whole = await get(catalog, "/products", tenant="paging", channel="direct")
    first = await get(catalog, "/products", tenant="paging", channel="direct", limit="2")
    assert first["items"] == whole["items"][:2]
    # what ends the first page is withdrawn, and something comes before it
    gone = first["items"][-1]["product"]
    async with catalog.http.post(f"/products/{gone}/withdrawal", headers=sales("paging")) as answer:
        assert answer.status == 200
    await load(assortment_of(7).replace("Tool 0", "Tool -1"), tenant="paging")
    seen = [item["product"] for item in first["items"]]
    page = first
    while page["next"]:
        page = await get(catalog, "/products", tenant="paging", channel="direct", limit="2", cursor=page["next"])
        seen += [item["product"] for item in page["items"]]
    assert seen == [item["product"] for item in whole["items"]]


async def test_nothing_is_listed_before_its_date_or_after_its_end(catalog: Harness, load: Load):
    # CAT-6, M6
    now = catalog.clock.now()
    days = [(now + timedelta(days=offset)).isoformat() for offset in (1, 3)]
    later = product("Later", "LATER", f'{{from: "{days[0]}"}}')
    await load(CHANNELS + later + product("Open", "OPEN", f'{{until: "{days[1]}"}}'), tenant="staged")

    async def seen() -> list[str]:
        found = await get(catalog, "/products", tenant="staged", channel="direct")
        return [sku for item in found["items"] for sku in skus(item)]

    assert await seen() == ["OPEN"]
    staged = product_id("staged", "Later", "1")
    problem = await get(catalog, f"/products/{staged}", 404, tenant="staged", channel="direct")
    assert problem["type"] == "/problems/not-listed"
    await shift(catalog, days=2)
    assert await seen() == ["LATER", "OPEN"]
    await get(catalog, f"/products/{staged}", tenant="staged", channel="direct")
    await shift(catalog, days=2)
    assert await seen() == ["LATER"]


async def test_a_list_and_a_product_are_one_question_to_the_database_each(
    catalog: Harness, load: Load, monkeypatch: pytest.MonkeyPatch
):
    await load(assortment_of(40), tenant="speed")
    asked: list[str] = []
    for name in ("fetch", "row", "value"):
        monkeypatch.setattr(PooledRead, name, counted(getattr(PooledRead, name), asked))
    page = await get(catalog, "/products", tenant="speed", channel="direct", limit="20")
    assert len(page["items"]) == 20
    await get(catalog, f"/products/{page['items'][0]['product']}", tenant="speed", channel="direct")
    # the service's jobs and its backbone go on meanwhile
    assert [sql for sql in asked if "from products" in sql] == [documents.PAGE, documents.ONE]


async def test_every_table_a_list_reads_is_read_by_an_index(catalog: Harness, load: Load):
    await load(assortment_of(3), tenant="indexed")
    connection: Any = await asyncpg.connect(catalog.database_url)
    try:
        await connection.execute("analyze products, listings, variants; set enable_seqscan = off")
        arguments = ("indexed", catalog.clock.now(), "direct", None, "tool", None, "DE", "consumer", 20)
        arguments += ("tool", "tool:*")
        plan = await connection.fetch(f"explain {documents.PAGE}", *arguments)
    finally:
        await connection.close()
    lines = "\n".join(row[0] for row in plan)
    assert "Seq Scan" not in lines
    assert "Index" in lines


def counted(ask: Callable[..., Any], asked: list[str]) -> Callable[..., Any]:
    """The same question, noted before it is asked."""

    def noted(read: PooledRead, sql: str, *args: Any) -> Any:
        asked.append(sql)
        return ask(read, sql, *args)

    return noted


CHANNELS = """
channels:
  direct: {kind: direct, seller: kontor, market: DE}
products:
"""


def product(family: str, sku: str, listing: str = "{}") -> str:
    return f"""
  - line: Tools
    family: {family}
    version: "1"
    editions:
      - code: basic
        name: {family} Basic
        variants:
          - {{sku: {sku}, fulfilment: download, rrp: 10.00, channels: {{direct: {listing}}}}}
"""


def assortment_of(count: int) -> str:
    return CHANNELS + "".join(product(f"Tool {n}", f"TOOL-{n}") for n in range(count))
