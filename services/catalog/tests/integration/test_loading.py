import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from chassis.testing import Harness
from contracts.catalog import CouponOffered, ProductPublished, ProductWithdrawn
from typer.testing import Result

Load = Callable[..., Awaitable[Result]]

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


async def said(catalog: Harness, tenant: str, kind: type[Any] = ProductPublished) -> list[Any]:
    """What was said of a tenant so far."""
    await catalog.settled()
    return [event for event in await catalog.heard(kind, at_least=0) if event.tenant == tenant]


@pytest.fixture(autouse=True)
def heard_of_nothing_yet(catalog: Harness) -> None:
    for kind in (ProductPublished, ProductWithdrawn, CouponOffered):
        catalog.log.setdefault(kind.DECLARED.topic, [])


async def test_loading_twice_says_nothing_the_second_time(catalog: Harness, load: Load):
    first = await load(SMALL, tenant="twice")
    assert first.exit_code == 0, first.output
    assert len(await until_said(catalog, "twice", 2)) == 2
    second = await load(SMALL, tenant="twice")
    assert "0 published, 2 unchanged, 0 withdrawn, 0 coupons offered" in second.output
    assert len(await until_said(catalog, "twice", 2)) == 2
    assert len(await said(catalog, "twice", CouponOffered)) == 1


async def until_said(catalog: Harness, tenant: str, count: int, kind: type[Any] = ProductPublished) -> list[Any]:
    from chassis.testing.harness import until

    async def enough() -> list[Any] | None:
        found = await said(catalog, tenant, kind)
        return found if len(found) >= count else None

    return await until(enough, what=f"{count} {kind.__name__} of {tenant}")
