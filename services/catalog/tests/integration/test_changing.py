import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from catalog.domain.product import product_id
from chassis_testing import Harness
from contracts.catalog import ProductPublished, ProductWithdrawn
from typer.testing import Result

Load = Callable[..., Awaitable[Result]]
Events = Callable[..., Awaitable[list[Any]]]
Sales = Callable[..., dict[str, str]]

VISTA = product_id("kontor", "Windows", "Vista")
WORKS = product_id("kontor", "Works", "9")
SETTINGS = {
    "link_validity_days": 60,
    "download_limit": 3,
    "key_source": "generated",
    "key_prefix": "W9",
    "low_stock": 10,
    "keys_per": "purchase",
    "devices": 3,
}
WORKS_SETTINGS = f"/products/{WORKS}/variants/WORKS-9-ESD/settings"


@pytest.fixture(scope="module")
async def shop(catalog: Harness, load: Load, assortment: str) -> Harness:
    loaded = await load(assortment)
    assert loaded.exit_code == 0, loaded.output
    return catalog


async def ask(shop: Harness, method: str, path: str, status: int, headers: dict[str, str], body: Any = None) -> Any:
    async with shop.http.request(method, path, json=body, headers=headers) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def shown(shop: Harness, product: UUID, channel: str) -> dict[str, Any]:
    """The articles of a product in a channel by SKU."""
    async with shop.http.get(f"/products/{product}", params={"tenant": "kontor", "channel": channel}) as answer:
        assert answer.status == 200, await answer.text()
        found = await answer.json()
    return {variant["sku"]: variant for edition in found["editions"] for variant in edition["variants"]}


async def last(events_of: Events, product: UUID, tenant: str = "kontor") -> Any:
    return [event for event in await events_of(ProductPublished, tenant, at_least=4) if event.product == product][-1]


async def test_delivery_and_licence_settings_are_edited_once_in_the_article(
    shop: Harness, events_of: Events, sales: Sales
):
    # CAT-9, E14
    before = len(await events_of(ProductPublished, "kontor", at_least=4))
    changed = await ask(shop, "PUT", WORKS_SETTINGS, 200, sales(), SETTINGS)
    assert changed == {"sku": "WORKS-9-ESD", **SETTINGS, "delivery_days": None}
    await events_of(ProductPublished, "kontor", at_least=before + 1)
    (variant,) = (await last(events_of, WORKS)).editions[0].variants
    assert variant.delivery.model_dump() == {"link_validity_days": 60, "download_limit": 3, "delivery_days": None}
    license_settings = {"key_source": "generated", "key_prefix": "W9", "low_stock": 10, "keys_per": "purchase"}
    license_settings["devices"] = 3  # LIC-5
    assert variant.license.model_dump() == license_settings
    await ask(shop, "PUT", WORKS_SETTINGS, 200, sales(), SETTINGS)
    assert len(await events_of(ProductPublished, "kontor")) == before + 1
    assert await ask(shop, "GET", WORKS_SETTINGS, 200, sales()) == changed
    rows = "select before, after from chassis.audit where object_id = 'WORKS-9-ESD' order by number limit 1"
    ((was, now),) = await shop.sql(rows)
    assert orjson.loads(was)["link_validity_days"] != orjson.loads(now)["link_validity_days"] == 60  # PLT-19


async def test_the_direct_channel_refuses_every_price_but_the_recommended_one(
    shop: Harness, events_of: Events, sales: Sales
):
    # CAT-3, M12
    before = len(await events_of(ProductPublished, "kontor", at_least=4))
    for amount in (21899, 21901, 1):
        body = {"sku": "VISTA-HP-ESD", "amount": amount}
        problem = await ask(shop, "POST", "/channels/direct/prices", 422, sales(), body)
        assert problem["type"] == "/problems/price-not-rrp"
        assert problem["title"] == "The direct channel sells at exactly the recommended retail price."
    same = await ask(shop, "POST", "/channels/direct/prices", 201, sales(), {"sku": "VISTA-HP-ESD", "amount": 21900})
    assert (same["channel"], same["amount"]) == ("direct", 21900)
    assert len(await events_of(ProductPublished, "kontor")) == before


async def test_a_partner_prices_freely_and_from_a_date(shop: Harness, events_of: Events, sales: Sales):
    # CAT-3, M14
    day = shop.clock.now() + timedelta(days=1)
    body = {"sku": "VISTA-B-ESD", "amount": 99999, "valid_from": day.isoformat()}
    made = await ask(shop, "POST", "/channels/nordlicht/prices", 201, sales(), body)
    assert (made["sku"], made["amount"], made["currency"]) == ("VISTA-B-ESD", 99999, "EUR")
    assert (await shown(shop, VISTA, "nordlicht"))["VISTA-B-ESD"]["prices"][0]["amount"] == 24900
    shop.shift_clock(86_400 + 1)
    await asyncio.sleep(0.06)
    assert (await shown(shop, VISTA, "nordlicht"))["VISTA-B-ESD"]["prices"][0]["amount"] == 99999
    variant = next(
        variant
        for edition in (await last(events_of, VISTA)).editions
        for variant in edition.variants
        if variant.sku == "VISTA-B-ESD"
    )
    offers = {offer.channel: [price.amount for price in offer.prices] for offer in variant.offers}
    assert offers == {"direct": [26900], "nordlicht": [24900, 99999]}


async def test_a_new_recommended_price_moves_the_direct_channel_and_no_partner(
    shop: Harness, events_of: Events, sales: Sales
):
    # M12, M14
    path = f"/products/{VISTA}/variants/VISTA-U-ESD/rrps"
    made = await ask(shop, "POST", path, 201, sales(), {"amount": 31900})
    assert (made["channel"], made["amount"]) == (None, 31900)
    direct, partner = await shown(shop, VISTA, "direct"), await shown(shop, VISTA, "nordlicht")
    assert direct["VISTA-U-ESD"]["prices"] == [{"amount": 31900, "currency": "EUR"}]
    assert partner["VISTA-U-ESD"]["prices"] == [{"amount": 28900, "currency": "EUR"}]
    assert partner["VISTA-U-ESD"]["rrp"] == [{"amount": 31900, "currency": "EUR"}]


async def test_the_same_wish_sent_twice_is_one_price_and_one_event(shop: Harness, events_of: Events, sales: Sales):
    before = len(await events_of(ProductPublished, "kontor", at_least=4))
    headers = sales()
    body = {"sku": "WORD-ESD", "amount": 20000}
    first = await ask(shop, "POST", "/channels/nordlicht/prices", 201, headers, body)
    assert await ask(shop, "POST", "/channels/nordlicht/prices", 201, headers, body) == first
    again = await ask(shop, "POST", "/channels/nordlicht/prices", 201, sales(), body)
    assert again == first
    assert len(await events_of(ProductPublished, "kontor", at_least=before + 1)) == before + 1


async def test_a_price_in_the_past_or_over_another_is_refused(shop: Harness, sales: Sales):
    now = shop.clock.now()
    past = {"sku": "WORD-ESD", "amount": 15000, "valid_from": (now - timedelta(days=1)).isoformat()}
    problem = await ask(shop, "POST", "/channels/nordlicht/prices", 422, sales(), past)
    assert problem["type"] == "/problems/price-backdated"
    future = {"sku": "WORD-ESD", "amount": 15000, "valid_from": (now + timedelta(days=9)).isoformat()}
    await ask(shop, "POST", "/channels/nordlicht/prices", 201, sales(), future)
    problem = await ask(shop, "POST", "/channels/nordlicht/prices", 422, sales(), {**future, "amount": 14000})
    assert problem["type"] == "/problems/price-taken"


async def test_a_withdrawn_product_is_shown_and_changed_no_more(
    shop: Harness, load: Load, events_of: Events, sales: Sales, assortment: str
):
    await load(assortment, tenant="closing")
    product = product_id("closing", "Expression", "Web")
    path = f"/products/{product}/withdrawal"
    first = await ask(shop, "POST", path, 200, sales("closing"))
    assert await ask(shop, "POST", path, 200, sales("closing")) == first
    (withdrawn,) = await events_of(ProductWithdrawn, "closing", at_least=1)
    assert withdrawn.product == product
    async with shop.http.get(f"/products/{product}", params={"tenant": "closing", "channel": "direct"}) as answer:
        assert answer.status == 404
    async with shop.http.get("/products", params={"tenant": "closing", "channel": "direct"}) as answer:
        assert len((await answer.json())["items"]) == 3
    settings = f"/products/{product}/variants/EXPRESSION-WEB-ESD/settings"
    await ask(shop, "PUT", settings, 404, sales("closing"), SETTINGS)
    body = {"sku": "EXPRESSION-WEB-ESD", "amount": 1}
    await ask(shop, "POST", "/channels/nordlicht/prices", 404, sales("closing"), body)


CALLS: list[tuple[str, str, Any]] = [
    ("PUT", WORKS_SETTINGS, SETTINGS),
    ("POST", f"/products/{WORKS}/withdrawal", None),
    ("POST", "/channels/nordlicht/prices", {"sku": "WORD-ESD", "amount": 1}),
    ("POST", f"/products/{WORKS}/variants/WORKS-9-ESD/rrps", {"amount": 1}),
]


async def test_settings_are_read_by_whoever_looks_after_files_and_keys(shop: Harness, sales: Sales):
    for role, status in (("sales", 200), ("files", 200), ("support", 200), ("customer", 403), ("bookkeeping", 403)):
        await ask(shop, "GET", WORKS_SETTINGS, status, sales(role=role), None)
    await ask(shop, "GET", WORKS_SETTINGS, 404, sales("another"), None)


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
async def test_only_the_tenants_sales_staff_may_change(
    shop: Harness, sales: Sales, events_of: Events, method: str, path: str, body: Any
):
    before = len(await events_of(ProductPublished, "kontor", at_least=4))
    await ask(shop, method, path, 401, {"Idempotency-Key": "x"}, body)
    for role in ("customer", "support", "service"):
        await ask(shop, method, path, 403, sales(role=role), body)
    await ask(shop, method, path, 404, sales("another"), body)
    assert len(await events_of(ProductPublished, "kontor")) == before
    assert not await events_of(ProductWithdrawn, "kontor")


@pytest.mark.parametrize(
    "change",
    [
        {"link_validity_days": 0},
        {"link_validity_days": 2**31},
        {"link_validity_days": 1.5},
        {"link_validity_days": "30"},
        {"download_limit": -1},
        {"key_source": "magic"},
        {"key_prefix": "w9"},
        {"key_prefix": "W9\n"},
        {"key_source": "imported"},
        {"keys_per": "order"},
        {"key_source": "none", "key_prefix": ""},
        {"file": "/etc/passwd"},
        {"download_limit": None},
    ],
)
async def test_settings_out_of_range_are_refused(shop: Harness, sales: Sales, change: dict[str, Any]):
    await ask(shop, "PUT", WORKS_SETTINGS, 422, sales(), {**SETTINGS, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 2**31},
        {"amount": 9.99},
        {"amount": "100"},
        {"currency": "euro"},
        {"currency": "DEM"},
        {"currency": "ISK", "amount": 1050},
        {"currency": "KWD", "amount": 1001},
        {"sku": "../WORD"},
        {"sku": ""},
        {"valid_from": "2027-01-01"},
        {"valid_from": "2027-01-01T00:00:00"},
        {"valid_from": "9999-12-31T23:59:59-12:00"},
        {"rrp": 1},
    ],
)
async def test_prices_out_of_range_are_refused(shop: Harness, sales: Sales, change: dict[str, Any]):
    body = {"sku": "WORD-ESD", "amount": 100, **change}
    await ask(shop, "POST", "/channels/nordlicht/prices", 422, sales(), body)


async def test_what_is_not_there_is_not_found(shop: Harness, sales: Sales):
    price = {"sku": "WORD-ESD", "amount": 100}
    for method, path, body in (
        ("POST", "/channels/nowhere/prices", price),
        ("POST", "/channels/nordlicht/prices", {**price, "sku": "NOTHING"}),
        ("POST", "/channels/nordlicht/prices", {**price, "sku": "VISTA-HP-BOX"}),
        ("PUT", f"/products/{WORKS}/variants/NOTHING/settings", SETTINGS),
        ("PUT", f"/products/{WORKS}/variants/..%2f..%2fWORKS/settings", SETTINGS),
        ("PUT", f"/products/{uuid4()}/variants/WORKS-9-ESD/settings", SETTINGS),
        ("POST", f"/products/{uuid4()}/withdrawal", None),
        ("GET", f"/channels/nordlicht/prices/{uuid4()}", None),
        ("GET", f"/products/{WORKS}/variants/WORKS-9-ESD/rrps/{uuid4()}", None),
    ):
        await ask(shop, method, path, 404, sales(), body)


async def test_bodies_that_are_no_json_are_refused(shop: Harness, sales: Sales):
    headers = sales(**{"Content-Type": "application/json"})
    for text, status in (("{", 400), ("[]", 422), ('{"a": "' + "x" * 70_000 + '"}', 413), ('{"sku": "\\u0000"}', 422)):
        async with shop.http.post("/channels/nordlicht/prices", data=text, headers=headers) as answer:
            assert answer.status == status, await answer.text()


async def test_F_P11_a_price_that_cannot_be_paid_is_refused_with_the_reason(shop: Harness, sales: Sales):
    body = {"sku": "WORD-ESD", "amount": 100_000_000}
    problem = await ask(shop, "POST", "/channels/nordlicht/prices", 422, sales(), body)
    assert problem["type"] == "/problems/price-not-payable"
    assert "payment provider" in problem["title"]
