"""Amounts, ends and settings: what a file says of them is what others learn, also later."""

from collections.abc import Awaitable, Callable
from typing import Any

from chassis_testing import Harness
from contracts.catalog import CouponOffered, ProductPublished
from typer.testing import Result

from services.catalog.tests.integration.test_loading import COUPONS, SMALL

Load = Callable[..., Awaitable[Result]]
Events = Callable[..., Awaitable[list[Any]]]


async def editor(events_of: Events, tenant: str) -> Any:
    """The one article of the small assortment's editor, as it was published."""
    products = await events_of(ProductPublished, tenant, at_least=2)
    return next(product for product in products if product.family == "Editor").editions[0].variants[0]


async def test_an_article_that_was_away_comes_back_with_the_settings_of_staff(
    load: Load, events_of: Events, catalog: Harness, sales: Callable[..., dict[str, str]]
):
    # CAT-9
    box = "          - {sku: VIEWER-BOX, fulfilment: boxed, rrp: 12.00, channels: {direct: {}}}\n"
    both = SMALL[:COUPONS] + box + SMALL[COUPONS:]
    await load(both, tenant="away")
    viewer = next(p.product for p in await events_of(ProductPublished, "away", at_least=2) if p.family == "Viewer")
    body = {"link_validity_days": 90, "download_limit": 2, "key_source": "imported"}
    path = f"/products/{viewer}/variants/VIEWER-BOX/settings"
    async with catalog.http.put(path, json=body, headers=sales("away")) as answer:
        assert answer.status == 200, await answer.text()
        before = await answer.json()
    for text in (SMALL, both):
        loaded = await load(text, tenant="away")
        assert "1 published, 1 unchanged" in loaded.output
    async with catalog.http.get(path, headers=sales("away")) as answer:
        assert await answer.json() == before


async def test_amounts_are_in_the_minor_units_of_the_payment_provider(load: Load, events_of: Events):
    # F-P11
    text = SMALL.replace("rrp: 100.00", "rrp: [100.00, 1000 ISK, 1000 RSD, 1000 UGX, 500 JPY, 5.12 KWD]")
    loaded = await load(text, tenant="units")
    assert loaded.exit_code == 0, loaded.output
    amounts = {price.currency: price.amount for price in (await editor(events_of, "units")).rrp}
    assert amounts == {"EUR": 10000, "ISK": 100000, "RSD": 100000, "UGX": 100000, "JPY": 500, "KWD": 5120}


async def test_a_bare_day_as_an_end_counts_to_its_end_in_the_files_zone(load: Load, events_of: Events):
    # CAT-6
    dated = SMALL.replace("price: 80.00", "price: 80.00, until: 2090-11-30").replace("2100-01-01", "2090-07-31")
    for zone, tenant, listed, coupon in (
        ("time_zone: Europe/Berlin", "zoned", "2090-11-30T23:00:00", "2090-07-31T22:00:00"),
        ("", "zoneless", "2090-12-01T00:00:00", "2090-08-01T00:00:00"),
    ):
        loaded = await load(zone + dated, tenant=tenant)
        assert loaded.exit_code == 0, loaded.output
        name = "Europe/Berlin" if zone else "UTC"
        assert f"EDITOR-ESD in nordlicht until the end of 2090-11-30 ({name})" in loaded.output
        assert f"coupon TEN in nordlicht until the end of 2090-07-31 ({name})" in loaded.output
        (offered,) = await events_of(CouponOffered, tenant, at_least=1)
        assert offered.valid_until.isoformat() == f"{coupon}+00:00"
        offers = (await editor(events_of, tenant)).offers
        (end,) = [offered.sellable_until for offered in offers if offered.channel == "nordlicht"]
        assert end.isoformat() == f"{listed}+00:00"


async def test_an_event_has_the_prices_in_force_and_to_come_alone(load: Load, events_of: Events):
    prices = ", ".join(f"{{amount: {year - 1900}.00, from: {year}-01-01}}" for year in (2000, 2010, 2020, 2090, 2095))
    loaded = await load(SMALL.replace("rrp: 100.00", f"rrp: [{prices}]"), tenant="history")
    assert loaded.exit_code == 0, loaded.output
    variant = await editor(events_of, "history")
    assert [price.amount for price in variant.rrp] == [12000, 19000, 19500]
    assert [[p.amount for p in offer.prices] for offer in variant.offers] == [[12000, 19000, 19500], [8000]]
