import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from catalog.commands.file import Reader
from catalog.domain.money import WantedPrice
from catalog.usecases import loading
from catalog.usecases.changing import set_price
from catalog.usecases.loading import LoadOptions
from chassis.db import Database
from chassis_testing import Harness
from contracts.catalog import CouponOffered, ProductPublished, ProductWithdrawn
from typer.testing import Result

Load = Callable[..., Awaitable[Result]]
Events = Callable[..., Awaitable[list[Any]]]

SMALL = """
channels:
  direct: {kind: direct, seller: kontor, market: DE}
  nordlicht: {kind: partner, seller: nordlicht, market: DE}
products:
  - line: Tools
    family: Editor
    version: "1"
    editions:
      - code: basic
        name: Editor Basic
        variants:
          - sku: EDITOR-ESD
            fulfilment: download
            rrp: 100.00
            delivery: {link_validity_days: 14, download_limit: 3}
            license: {key_source: generated, key_prefix: ED}
            channels:
              direct: {}
              nordlicht: {price: 80.00}
  - line: Tools
    family: Viewer
    version: "1"
    editions:
      - code: basic
        name: Viewer Basic
        variants:
          - {sku: VIEWER-ESD, fulfilment: download, rrp: 10.00, channels: {direct: {}}}
coupons:
  - {code: TEN, channel: nordlicht, percent: 10, until: 2100-01-01, uses: 5}
"""
VIEWER = SMALL.index("  - line: Tools\n    family: Viewer")
COUPONS = SMALL.index("coupons:")
WITHOUT_VIEWER = SMALL[:VIEWER] + SMALL[COUPONS:]


RRPS = {
    "VISTA-HP-ESD": 21900,
    "VISTA-HP-BOX": 22900,
    "VISTA-B-ESD": 26900,
    "VISTA-U-ESD": 30900,
    "OFFICE-HS-ESD": 13900,
    "OFFICE-HS-BOX": 14900,
    "WORD-ESD": 22900,
    "OFFICE-STD-ESD": 49900,
    "OFFICE-SB-ESD": 57900,
    "OFFICE-PRO-ESD": 64900,
    "WORKS-9-ESD": 4999,
    "EXPRESSION-WEB-ESD": 36000,
}


async def test_the_assortment_of_the_brief_loads_and_is_told_in_full(load: Load, events_of: Events, assortment: str):
    # CAT-1, CAT-2, M8, M9, M10
    loaded = await load(assortment, tenant="brief")
    assert loaded.exit_code == 0, loaded.output
    assert "Windows Vista: 3 editions, 4 variants, EUR 219.00-309.00" in loaded.output
    assert "Office 2007: 5 editions, 6 variants, EUR 139.00-649.00" in loaded.output
    products = await events_of(ProductPublished, "brief", at_least=4)
    assert len({product.product for product in products}) == 4
    variants = {v.sku: v for product in products for edition in product.editions for v in edition.variants}
    assert {sku: variant.rrp[-1].amount for sku, variant in variants.items()} == RRPS
    assert variants["VISTA-HP-ESD"].license.key_source == "imported"
    assert [offer.customer_types for offer in variants["OFFICE-SB-ESD"].offers] == [["business"], ["business"]]
    (coupon,) = await events_of(CouponOffered, "brief", at_least=1)
    assert (coupon.code, coupon.channel, coupon.discount_basis_points) == ("NORD10", "nordlicht", 1000)


async def test_loading_twice_says_nothing_the_second_time(load: Load, events_of: Events):
    first = await load(SMALL, tenant="twice")
    assert first.exit_code == 0, first.output
    second = await load(SMALL, tenant="twice")
    assert "0 published, 2 unchanged, 0 withdrawn; coupons offered: 0" in second.output
    assert len(await events_of(ProductPublished, "twice", at_least=2)) == 2
    assert len(await events_of(CouponOffered, "twice", at_least=1)) == 1


async def test_keys_per_purchase_are_told_and_what_the_file_does_not_say_is_per_unit(load: Load, events_of: Events):
    # LIC-4
    shared = SMALL.replace("key_prefix: ED}", "key_prefix: ED, keys_per: purchase}")
    for text in (SMALL, shared, shared):
        loaded = await load(text, tenant="shared-keys")
        assert loaded.exit_code == 0, loaded.output
    assert "0 published, 2 unchanged" in loaded.output
    published = await events_of(ProductPublished, "shared-keys", at_least=3)
    keys_per = [(event.family, event.editions[0].variants[0].license.keys_per.value) for event in published]
    assert sorted(keys_per) == [("Editor", "purchase"), ("Editor", "unit"), ("Viewer", "unit")]


async def test_a_changed_price_is_added_with_its_date_and_the_old_one_stays(load: Load, events_of: Events):
    # CAT-2, CAT-3: the direct channel follows the recommended price, the partner's stays
    await load(SMALL, tenant="repriced")
    changed = await load(SMALL.replace("rrp: 100.00", "rrp: 120.00"), tenant="repriced")
    assert "1 published, 1 unchanged" in changed.output
    *_, last = await events_of(ProductPublished, "repriced", at_least=3)
    (variant,) = last.editions[0].variants
    assert [price.amount for price in variant.rrp] == [10000, 12000]
    prices = {offer.channel: [price.amount for price in offer.prices] for offer in variant.offers}
    assert prices == {"direct": [10000, 12000], "nordlicht": [8000]}


async def test_the_same_product_has_the_same_id_in_every_load_and_another_in_another_tenant(
    load: Load, events_of: Events
):
    await load(SMALL, tenant="ids")
    await load(SMALL.replace("Editor Basic", "Editor Plain"), tenant="ids")
    await load(SMALL, tenant="other-ids")
    ids = [event.product for event in await events_of(ProductPublished, "ids", at_least=3)]
    others = [event.product for event in await events_of(ProductPublished, "other-ids", at_least=2)]
    assert len(set(ids)) == 2
    assert not set(ids) & set(others)


async def test_what_the_file_no_longer_has_is_withdrawn_only_when_asked(load: Load, events_of: Events):
    await load(SMALL, tenant="missing")
    kept = await load(WITHOUT_VIEWER, tenant="missing")
    assert "0 withdrawn" in kept.output
    gone = await load(WITHOUT_VIEWER, "--withdraw-missing", tenant="missing")
    assert "withdrawn  Viewer 1" in gone.output
    (withdrawn,) = await events_of(ProductWithdrawn, "missing", at_least=1)
    published = await events_of(ProductPublished, "missing", at_least=2)
    assert withdrawn.product == next(event.product for event in published if event.family == "Viewer")
    again = await load(WITHOUT_VIEWER, "--withdraw-missing", tenant="missing")
    assert "0 withdrawn" in again.output


async def test_a_withdrawn_product_that_comes_back_in_the_file_is_for_sale_again(load: Load, events_of: Events):
    await load(SMALL, tenant="back")
    await load(WITHOUT_VIEWER, "--withdraw-missing", tenant="back")
    back = await load(SMALL, tenant="back")
    assert "published  Viewer 1" in back.output
    assert len(await events_of(ProductPublished, "back", at_least=3)) == 3


async def test_a_changed_coupon_is_offered_again_under_its_id(load: Load, events_of: Events):
    await load(SMALL, tenant="coupons")
    await load(SMALL.replace("percent: 10", "percent: 12.5"), tenant="coupons")
    first, second = await events_of(CouponOffered, "coupons", at_least=2)
    assert first.coupon == second.coupon
    assert (first.discount_basis_points, second.discount_basis_points) == (1000, 1250)
    assert first.valid_from == second.valid_from
    alike = await load(SMALL.replace("code: TEN", "code: TE-N"), tenant="coupons")
    assert ": coupon-alike: " in alike.output


async def test_a_channel_with_another_seller_tells_its_products_anew(load: Load, events_of: Events):
    await load(SMALL, tenant="seller")
    changed = await load(SMALL.replace("seller: nordlicht", "seller: nordstern"), tenant="seller")
    assert "1 published, 1 unchanged" in changed.output
    *_, last = await events_of(ProductPublished, "seller", at_least=3)
    assert {offer.seller for offer in last.editions[0].variants[0].offers} == {"kontor", "nordstern"}


async def test_a_sku_may_move_from_one_product_to_another_but_not_be_taken(load: Load):
    await load(SMALL, tenant="moved")
    taken = await load(WITHOUT_VIEWER.replace("EDITOR-ESD", "VIEWER-ESD"), tenant="moved")
    assert "sku-taken" in taken.output
    swapped = SMALL.replace("VIEWER-ESD", "X-ESD").replace("EDITOR-ESD", "VIEWER-ESD").replace("X-ESD", "EDITOR-ESD")
    moved = await load(swapped, tenant="moved")
    assert moved.exit_code == 0, moved.output


async def test_two_loads_at_once_publish_each_product_once(catalog: Harness, events_of: Events, tmp_path: Path):
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    both = await asyncio.gather(program(catalog, file, "race"), program(catalog, file, "race"))
    assert [code for code, _ in both] == [0, 0], both
    assert len(await events_of(ProductPublished, "race", at_least=2)) == 2


async def test_a_change_that_waited_for_one_that_began_after_it_writes_nothing_again(
    load: Load, events_of: Events, catalog: Harness
):
    database = Database(catalog.settings.dsn, "catalog", catalog.clock, connections=2)
    await database.open()
    try:
        async with database.begin() as staff:
            async with database.begin() as early:
                await load(SMALL, tenant="late")
                outcome = await loading.load(early, "late", Reader().read(SMALL.encode()), LoadOptions())
                assert (outcome.published, outcome.offered, len(outcome.unchanged)) == ([], [], 2)
            await set_price(staff, "late", "nordlicht", "EDITOR-ESD", WantedPrice(8000, "EUR", None))
    finally:
        await database.close()
    assert len(await events_of(ProductPublished, "late", at_least=2)) == 2


async def test_what_is_withdrawn_by_staff_is_left_so_until_told_otherwise(
    load: Load, events_of: Events, catalog: Harness, sales: Callable[..., dict[str, str]]
):
    await load(SMALL, tenant="staff")
    viewer = next(p.product for p in await events_of(ProductPublished, "staff", at_least=2) if p.family == "Viewer")
    async with catalog.http.post(f"/products/{viewer}/withdrawal", headers=sales("staff")) as answer:
        assert answer.status == 200, await answer.text()
    left = await load(SMALL, tenant="staff")
    assert "left  Viewer 1" in left.output
    again = await load(SMALL, "--sell-withdrawn", tenant="staff")
    assert "published  Viewer 1" in again.output


async def test_settings_that_staff_has_set_stay_where_the_file_does_not_name_them(
    load: Load, events_of: Events, catalog: Harness, sales: Callable[..., dict[str, str]]
):
    # CAT-9
    await load(SMALL, tenant="settings")
    viewer = next(p.product for p in await events_of(ProductPublished, "settings", at_least=2) if p.family == "Viewer")
    body = {"link_validity_days": 90, "download_limit": 2, "key_source": "imported"}
    path = f"/products/{viewer}/variants/VIEWER-ESD/settings"
    async with catalog.http.put(path, json=body, headers=sales("settings")) as answer:
        assert answer.status == 200, await answer.text()
    unchanged = await load(SMALL, tenant="settings")
    assert "0 published, 2 unchanged" in unchanged.output


async def test_a_listing_that_was_dropped_and_comes_back_keeps_its_old_prices(load: Load, events_of: Events):
    await load(SMALL, tenant="relisted")
    await load(SMALL.replace("              nordlicht: {price: 80.00}\n", ""), tenant="relisted")
    await load(SMALL.replace("{price: 80.00}", "{price: 70.00}"), tenant="relisted")
    *_, last = await events_of(ProductPublished, "relisted", at_least=4)
    (nordlicht,) = [offer for offer in last.editions[0].variants[0].offers if offer.channel == "nordlicht"]
    assert [price.amount for price in nordlicht.prices] == [8000, 7000]
    unchanged = await load(SMALL.replace("{price: 80.00}", "{price: 70.00}"), tenant="relisted")
    assert "0 published" in unchanged.output


async def test_no_price_is_ever_overwritten_not_even_in_the_database(load: Load, catalog: Harness):  # CAT-10
    await load(SMALL, tenant="frozen")
    for statement in ("update prices set amount = 1", "delete from prices"):
        with pytest.raises(asyncpg.PostgresError, match="never overwritten"):
            await catalog.sql(statement)


async def test_a_large_assortment_loads_in_a_moment(load: Load):
    product = SMALL[SMALL.index("  - line: Tools") : VIEWER]
    many = [product.replace("EDITOR-ESD", f"E-{n}").replace("Editor", f"Editor{n}") for n in range(300)]
    started = time.monotonic()
    loaded = await load(SMALL[: SMALL.index("  - line: Tools")] + "".join(many), tenant="large")
    assert "300 published" in loaded.output
    assert time.monotonic() - started < 15


async def test_a_tenant_that_cannot_be_is_told(load: Load):
    refused = await load(SMALL, tenant="No Tenant")
    assert refused.exit_code == 2


async def test_the_program_loads_a_file_and_tells_when_there_is_none(catalog: Harness, tmp_path: Path):
    file = tmp_path / "small.yaml"
    assert await program(catalog, file, "program") == (1, f"{file}: cannot be read: No such file or directory\n")
    file.write_text(SMALL)
    code, output = await program(catalog, file, "program")
    assert (code, output.splitlines()[-1]) == (0, "2 published, 0 unchanged, 0 withdrawn; coupons offered: 1")


async def program(catalog: Harness, file: Path, tenant: str) -> tuple[int | None, str]:
    """The operator's command as a process of its own, for a tenant that is opened first."""
    await catalog.open_tenants(tenant)
    settings = catalog.settings
    environment = {
        "DATABASE_URL": settings.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "ACCOUNTS_URL": settings.accounts_url,
        "PUBLIC_URL": settings.public_url,
        "SERVICE_SECRET_FILE": str(settings.service_secret_file),
    }
    arguments = [sys.executable, "-m", "catalog", "load", str(file), "--tenant", tenant]
    process = await asyncio.create_subprocess_exec(
        *arguments, env=os.environ | environment, stdout=-1, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()
