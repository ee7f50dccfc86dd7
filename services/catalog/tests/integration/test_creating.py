"""Staff makes a product from nothing, beside the assortment that a file has loaded."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import orjson
import pytest
from catalog.domain.product import product_id
from chassis_testing import Harness
from contracts.catalog import ProductPublished
from typer.testing import Result

from .test_changing import ask, shown

Load = Callable[..., Awaitable[Result]]
Events = Callable[..., Awaitable[list[Any]]]
Sales = Callable[..., dict[str, str]]

PATH = "/assortment"
NEW: dict[str, Any] = {
    "line": "Tools",
    "family": "Scales",
    "version": "1",
    "edition": "standard",
    "edition_name": "Standard",
    "sku": "SCALES-1-ESD",
    "fulfilment": "download",
    "rrp": 4900,
    "offers": [{"channel": "direct"}, {"channel": "nordlicht", "amount": 4500}],
}


@pytest.fixture(scope="module")
async def shop(catalog: Harness, load: Load, assortment: str) -> Harness:
    loaded = await load(assortment)
    assert loaded.exit_code == 0, loaded.output
    return catalog


async def test_a_product_is_made_once_sold_in_its_channels_and_in_the_audit_log(
    shop: Harness, events_of: Events, sales: Sales
):
    before = len(await events_of(ProductPublished, "kontor", at_least=4))
    headers = sales()
    made = await ask(shop, "POST", PATH, 201, headers, NEW)
    product = product_id("kontor", "Scales", "1")
    assert made["product"] == str(product)
    assert await ask(shop, "POST", PATH, 201, headers, NEW) == made
    (last,) = await shop.sql("select operation, after from chassis.audit order by number desc limit 1")
    assert (last["operation"], orjson.loads(last["after"])) == ("POST /assortment", {"unchanged": True})
    assert await ask(shop, "GET", f"{PATH}/{product}", 200, sales()) == made
    (event,) = (await events_of(ProductPublished, "kontor", at_least=before + 1))[before:]
    assert (event.product, event.editions[0].variants[0].sku) == (product, "SCALES-1-ESD")
    prices = {code: (await shown(shop, product, code))["SCALES-1-ESD"]["prices"] for code in ("direct", "nordlicht")}
    assert prices == {
        "direct": [{"amount": 4900, "currency": "EUR"}],
        "nordlicht": [{"amount": 4500, "currency": "EUR"}],
    }
    rows = await shop.sql(
        "select after from chassis.audit where operation = 'POST /assortment' and object_id = 'kontor'"
    )
    assert [orjson.loads(row["after"])["published"] for row in rows] == [[str(product)]]
    problem = await ask(shop, "POST", PATH, 409, sales(), {**NEW, "sku": "SCALES-2-ESD"})
    assert problem["type"] == "/problems/product-taken"


async def test_names_in_each_language_are_given_with_a_product_and_its_line_keeps_those_not_named(
    shop: Harness, sales: Sales
):
    of_tools = {"line_texts": {"de": {"title": "Werkzeuge"}, "en": {"title": "Utilities"}}}
    named = {"texts": {"en": {"title": "Good scales"}}, "family_texts": {"de": {"summary": "Wiegt."}}}
    body = {**NEW, "line": "Gear", "family": "Gauges", "version": "2", "sku": "GAUGES-2-ESD", **of_tools, **named}
    made = await ask(shop, "POST", PATH, 201, sales(), body)
    found = await ask(shop, "GET", f"/products/{made['product']}?tenant=kontor&channel=direct", 200, {})
    written = found["presentations"]
    assert found["line_id"] == made["line_id"]
    assert {code: text["title"] for code, text in written[made["line_id"]]["texts"].items()} == {
        "de": "Werkzeuge",
        "en": "Utilities",
    }
    assert written[made["product"]]["texts"]["en"]["title"] == "Good scales"
    assert written[made["family_id"]]["texts"]["de"]["summary"] == "Wiegt."
    again = {**body, "version": "3", "sku": "GAUGES-3-ESD", "line_texts": {"en": {"title": "Gear"}}, "texts": {}}
    other = await ask(shop, "POST", PATH, 201, sales(), again)
    assert other["line_id"] == made["line_id"]
    shown_line = await ask(shop, "GET", f"/presentations/{made['line_id']}", 200, sales())
    assert {code: text["title"] for code, text in shown_line["texts"].items()} == {"de": "Werkzeuge", "en": "Gear"}
    assert shown_line["name"] == "Gear"


async def test_a_draft_is_written_priced_and_seen_by_staff_alone_until_it_is_published(
    shop: Harness, events_of: Events, sales: Sales
):
    before = await events_of(ProductPublished, "kontor", at_least=1)
    headers, draft = sales(), {**NEW, "version": "draft", "sku": "SCALES-D-ESD", "draft": True}
    product = (await ask(shop, "POST", PATH, 201, headers, draft))["product"]
    path = f"{PATH}/{product}"
    settings = {"link_validity_days": 7, "download_limit": 3, "key_source": "none"}
    await ask(shop, "PUT", f"/products/{product}/variants/SCALES-D-ESD/settings", 200, sales(), settings)
    await ask(shop, "POST", "/channels/nordlicht/prices", 201, sales(), {"sku": "SCALES-D-ESD", "amount": 4400})
    text = {"title": "Waage", "summary": "", "description": "", "requirements": "", "hours": ""}
    await ask(shop, "PUT", f"/presentations/{product}/texts/de", 200, sales(), text)
    kept = await ask(shop, "GET", path, 200, sales())
    assert kept["withdrawn_by"] == "draft"

    async def listed(state: str) -> bool:
        found = await ask(shop, "GET", f"{PATH}?state={state}&limit=500", 200, sales())
        return product in [one["product"] for one in found["items"]]

    assert [await listed(state) for state in ("draft", "current", "for_sale", "withdrawn", "all")] == [
        True,
        True,
        False,
        False,
        True,
    ]
    await ask(shop, "GET", f"/products/{product}?tenant=kontor&channel=nordlicht", 404, {})
    # nobody else publishes it, and no event has told of it
    await ask(shop, "POST", f"/products/{product}/publication", 403, sales(role="files"))
    await ask(shop, "POST", f"/products/{product}/publication", 404, sales(tenant="elsewhere"))
    for _ in range(2):
        await ask(shop, "POST", f"/products/{product}/publication", 200, sales())
    (event,) = (await events_of(ProductPublished, "kontor", at_least=len(before) + 1))[len(before) :]
    (variant,) = event.editions[0].variants
    assert (str(event.product), variant.delivery.download_limit) == (product, 3)
    assert {one.channel: one.prices[-1].amount for one in variant.offers} == {"direct": 4900, "nordlicht": 4400}
    assert [await listed(state) for state in ("draft", "current", "for_sale", "withdrawn", "all")] == [
        False,
        True,
        True,
        False,
        True,
    ]
    await ask(shop, "GET", f"/products/{product}?tenant=kontor&channel=nordlicht", 200, {})
    # what is withdrawn is no draft
    await ask(shop, "POST", f"/products/{product}/withdrawal", 200, sales())
    problem = await ask(shop, "POST", f"/products/{product}/publication", 409, sales())
    assert problem["type"] == "/problems/no-draft"


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"sku": "WORKS-9-ESD"}, [("body.sku", "sku-taken")]),
        ({"rrp": 100_000_000}, [("body.rrp", "price-not-payable")]),
        ({"currency": "ZZZ"}, [("body.rrp", "price-not-payable"), ("body.offers.1.amount", "price-not-payable")]),
        ({"offers": [{"channel": "nordlicht"}]}, [("body.offers.0.amount", "price-missing")]),
        ({"offers": [{"channel": "direct", "amount": 1}]}, [("body.offers.0.amount", "price-not-rrp")]),
        (
            {"sku": "WORD-ESD", "offers": [{"channel": "direct"}, {"channel": "nowhere", "amount": 1}]},
            [("body.offers.1.channel", "channel-unknown"), ("body.sku", "sku-taken")],
        ),
    ],
)
async def test_what_breaks_a_rule_is_refused_with_its_fields_and_nothing_is_made(
    shop: Harness, events_of: Events, sales: Sales, change: dict[str, Any], faults: list[tuple[str, str]]
):
    before = await events_of(ProductPublished, "kontor")
    problem = await ask(shop, "POST", PATH, 422, sales(), {**NEW, "version": "2", "sku": "SCALES-2-ESD", **change})
    assert problem["type"] == "/problems/product-refused"
    assert sorted((one["at"], one["rule"]) for one in problem["faults"]) == sorted(faults)
    assert await events_of(ProductPublished, "kontor") == before
    await ask(shop, "GET", f"{PATH}/{product_id('kontor', 'Scales', '2')}", 404, sales())


@pytest.mark.parametrize(
    "change",
    [
        {"family": ""},
        {"family": " \t "},
        {"version": "x" * 121},
        {"edition": "Standard"},
        {"edition": "standard-"},
        {"sku": "../WORD"},
        {"fulfilment": "pigeon"},
        {"tax_class": "none"},
        {"rrp": 0},
        {"rrp": 1.5},
        {"offers": [{"channel": "direct"}, {"channel": "direct"}]},
        {"offers": None},
        {"exclusive": True},
    ],
)
async def test_what_is_out_of_range_is_refused(shop: Harness, sales: Sales, change: dict[str, Any]):
    problem = await ask(shop, "POST", PATH, 422, sales(), {**NEW, "version": "3", **change})
    assert problem["type"] == "/problems/invalid"


async def test_blanks_make_no_second_product_and_a_withdrawn_one_is_taken_too(shop: Harness, sales: Sales):
    made = await ask(shop, "POST", PATH, 201, sales(), {**NEW, "family": " Big \n Scales", "sku": "SCALES-BIG"})
    assert made["family"] == "Big Scales"
    await ask(shop, "POST", f"/products/{made['product']}/withdrawal", 200, sales())
    await ask(shop, "POST", PATH, 409, sales(), {**NEW, "family": "Big Scales", "sku": "SCALES-BIG-2"})
    taken = await ask(shop, "POST", PATH, 422, sales(), {**NEW, "family": "Other", "sku": "SCALES-BIG"})
    assert [one["rule"] for one in taken["faults"]] == ["sku-taken"]


async def test_only_sales_makes_products_each_in_a_tenant_of_their_own(shop: Harness, load: Load, sales: Sales):
    for role in ("files", "support", "customer", "bookkeeping"):
        await ask(shop, "POST", PATH, 403, sales(role=role), {**NEW, "version": "4"})
    headers = sales()
    del headers["Idempotency-Key"]
    await ask(shop, "POST", PATH, 400, headers, {**NEW, "version": "4"})
    other = f"t{uuid4().hex[:8]}"
    await shop.open_tenants(other)
    refused = await ask(shop, "POST", PATH, 422, sales(other), NEW)
    assert {one["rule"] for one in refused["faults"]} == {"channel-unknown"}
