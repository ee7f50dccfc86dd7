"""Loading that is not meant: for a tenant that nobody opened, and as a dry run."""

from collections.abc import Awaitable, Callable

from chassis_testing import Harness
from typer.testing import Result

from services.catalog.tests.integration.test_loading import SMALL, WITHOUT_VIEWER

Load = Callable[..., Awaitable[Result]]


async def test_a_tenant_that_was_never_opened_is_refused(catalog: Harness, load: Load):
    await catalog.open_tenants("kontor")
    for options in ((), ("--dry-run",)):
        refused = await load(SMALL, *options, tenant="kontr", opened=False)
        assert refused.exit_code == 1
        assert "catalog knows no tenant 'kontr'; nothing was done. Did you mean kontor?" in refused.output
        assert "accounts tenant open" in refused.output
    assert not await catalog.sql("select 1 from products where tenant = 'kontr'")
    assert (await load(SMALL, tenant="kontr")).exit_code == 0


async def test_a_dry_run_shows_what_a_load_would_do_and_does_nothing(catalog: Harness, load: Load):  # CAT-1
    seen = await load(SMALL, "--dry-run", tenant="dry")
    assert (seen.exit_code, seen.output) == (
        0,
        (
            "assortment.yaml: 2 products, 1 coupons\n"
            "would be published  Editor 1: 1 editions, 1 variants, EUR 100.00-100.00\n"
            "would be published  Viewer 1: 1 editions, 1 variants, EUR 10.00-10.00\n"
            "would be offered  coupon TEN in nordlicht until the end of 2100-01-01 (UTC)\n"
            "2 would be published, 0 unchanged, 0 would be withdrawn; coupons that would be offered: 1\n"
        ),
    )
    assert not await catalog.sql("select 1 from products where tenant = 'dry'")
    assert not await catalog.sql("select 1 from chassis.audit where tenant = 'dry'")
    faulty = SMALL.replace("price: 80.00", "price: 80.001")
    real = await load(faulty, tenant="dry")
    seen = await load(faulty, "--dry-run", tenant="dry")
    assert (seen.exit_code, seen.output) == (real.exit_code, real.output)
    assert seen.exit_code == 1
    assert "2 published, 0 unchanged, 0 withdrawn; coupons offered: 1" in (await load(SMALL, tenant="dry")).output
    seen = await load(WITHOUT_VIEWER, "--dry-run", "--withdraw-missing", tenant="dry")
    assert "would be withdrawn  Viewer 1\n" in seen.output
