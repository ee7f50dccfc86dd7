from collections.abc import Awaitable, Callable
from typing import Any

from chassis_testing import Harness
from contracts.catalog import ProductPublished
from typer.testing import Result

Load = Callable[..., Awaitable[Result]]
Events = Callable[..., Awaitable[list[Any]]]

GOOD = """
channels:
  direct: {kind: direct, seller: kontor, market: DE}
  nordlicht: {kind: partner, seller: nordlicht, market: DE}
products:
  - line: Tools
    family: Viewer
    version: "1"
    editions:
      - code: basic
        name: Viewer Basic
        variants:
          - {sku: VIEWER-ESD, fulfilment: download, rrp: 10.00, channels: {direct: {}}}
"""

# each comment is the reason code expected in its line
FAULTY = """
channels:
  direct: {kind: direct, seller: kontor, market: DE}
  nordlicht: {kind: direct, seller: nordlicht, market: DE} # channel-kind-fixed
  shop: {kind: partner, seller: shop, market: DEU} # out-of-range
  wien: {kind: partner, seller: wien, market: AT} # out-of-range
  odd: {kind: retail, seller: odd, market: DE} # out-of-range
colour: blue # unknown-field
products:
  - line: Tools
    family: Editor
    version: "1"
    exclusive: true # exclusive-product
    editions:
      - code: basic # missing
        variants:
          - sku: EDITOR-ESD
            fulfilment: download
            rrp: -5.00 # out-of-range
            channels:
              direct: {}
              odd: {price: 3.00}
          - sku: EDITOR-BOX
            fulfilment: parcel # out-of-range
            rrp: 50.00
            rrp: 60.00 # repeated-field
            delivery: {link_validity_days: 0} # out-of-range
            license: {key_source: imported}
            channels:
              direct: {price: 49.00} # price-not-rrp
              nowhere: {price: 10.00} # channel-unknown
              shop: {} # price-missing
          - sku: EDITOR-ESD # repeated
            fulfilment: download
            rrp: 10.00
            channels:
              shop: {price: 9.00, from: 2026-05-01, until: 2026-04-01} # never-sellable
          - sku: VIEWER-ESD # sku-taken
            fulfilment: download
            rrp: {amount: 10.00, from: yesterday} # out-of-range
            license: [imported] # not-a-mapping
          - sku: EDITOR-TEAM
            fulfilment: download
            rrp: 90.50 ISK # out-of-range
            license:
              key_source: generated
              keys_per: seat # out-of-range
          - sku: EDITOR-CLUB # keys-unused
            fulfilment: download
            rrp: 90.00 DEM # out-of-range
            license: {keys_per: purchase}
coupons:
  - {code: TEN, channel: direct, percent: 10, until: 2100-01-01} # coupon-in-direct-channel
  - {code: ELEVEN, channel: shop, percent: 110, until: 2100-01-01} # out-of-range
""".strip()


async def test_a_faulty_file_lists_every_fault_with_its_line_and_loads_nothing(
    load: Load, events_of: Events, catalog: Harness
):
    await load(GOOD, tenant="faulty")
    faulty = await load(FAULTY, tenant="faulty")
    assert faulty.exit_code == 1
    found = [line.split(":", 3)[1:3] for line in faulty.output.splitlines() if "assortment.yaml:" in line]
    expected = [
        [str(number), f" {line.rpartition('# ')[2]}"]
        for number, line in enumerate(FAULTY.splitlines(), start=1)
        if "# " in line
    ]
    assert found[1:] == expected
    assert len(expected) >= 10
    assert len(await events_of(ProductPublished, "faulty", at_least=1)) == 1
    assert not await catalog.sql("select from channels where tenant = 'faulty' and code = 'shop'")


async def test_a_file_that_reads_well_but_breaks_a_rule_loads_nothing(load: Load, events_of: Events):
    # CAT-3
    broken = GOOD.replace("channels: {direct: {}}}", "channels: {direct: {price: 9.99}}}")
    refused = await load(broken, tenant="broken")
    assert refused.exit_code == 1
    assert "assortment.yaml:13: price-not-rrp: The direct channel sells at exactly" in refused.output
    assert not await events_of(ProductPublished, "broken")


async def test_F_P30_a_card_number_in_any_value_or_name_is_a_fault_in_its_line_and_not_shown(
    load: Load, catalog: Harness
):
    number = "4111 1111 1111 1111"
    for published, line in (
        (GOOD.replace("name: Viewer Basic", f"name: Viewer {number}"), 11),
        (GOOD.replace("  nordlicht:", f"  {number.replace(' ', '')}:"), 4),
        (GOOD.replace("family: Viewer", 'family: "\\x34111-1111-1111-1111"'), 7),
    ):
        refused = await load(published.strip(), tenant="pasted")
        assert refused.exit_code == 1
        assert f"assortment.yaml:{line - 1}: card-number:" in refused.output
        assert "1111" not in refused.output
    assert not await catalog.sql("select from products where tenant = 'pasted'")


async def test_the_interface_is_described(catalog: Harness):
    async with catalog.admin("/openapi.json") as answer:
        assert answer.status == 200
        paths = (await answer.json())["paths"]
    assert {"/products", "/products/{product}", "/channels", "/channels/{channel}/prices"} <= set(paths)
