"""How long a box takes to arrive: by file and by form, shown in shops and published; what cannot be is refused."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from catalog.domain.product import product_id
from chassis.doctor.examination import examine
from chassis.service.doctoring import patient_of
from chassis_testing import Harness
from contracts.catalog import ProductPublished
from typer.testing import Result

from services.catalog.tests.integration.test_changing import VISTA, ask, last, shown
from services.catalog.tests.integration.test_creating import NEW, PATH

Load = Callable[..., Awaitable[Result]]
Events = Callable[..., Awaitable[list[Any]]]
Sales = Callable[..., dict[str, str]]

BOX, DAYS = "VISTA-HP-BOX", {"least": 2, "most": 4}
SETTINGS = f"/products/{VISTA}/variants/{BOX}/settings"
USUAL = {"link_validity_days": 30, "download_limit": 5, "key_source": "none"}


@pytest.fixture(scope="module")
async def shop(catalog: Harness, load: Load, assortment: str) -> Harness:
    loaded = await load(assortment)
    assert loaded.exit_code == 0, loaded.output
    return catalog


async def published(events_of: Events) -> Any:
    """How the box is delivered, as others have learned it last."""
    variants = [one for edition in (await last(events_of, VISTA)).editions for one in edition.variants]
    return next(one for one in variants if one.sku == BOX).delivery.delivery_days


async def test_a_file_names_the_days_of_a_box_and_a_shop_shows_them(shop: Harness, events_of: Events):
    articles = await shown(shop, VISTA, "direct")
    assert (articles[BOX]["delivery_days"], articles["VISTA-HP-ESD"]["delivery_days"]) == (DAYS, None)
    assert (await published(events_of)).model_dump() == DAYS


async def test_staff_changes_them_and_what_cannot_be_is_refused(shop: Harness, events_of: Events, sales: Sales):
    before = len(await events_of(ProductPublished, "kontor", at_least=4))
    for days, where in (
        ({"least": 0, "most": 2}, "body.delivery_days.least"),
        ({"least": 2, "most": 91}, "body.delivery_days.most"),
        ({"least": 2}, "body.delivery_days.most"),
        ("soon", "body.delivery_days"),
    ):
        refused = await ask(shop, "PUT", SETTINGS, 422, sales(), {**USUAL, "delivery_days": days})
        assert [fault["at"] for fault in refused["faults"]] == [where]
    refused = await ask(shop, "PUT", SETTINGS, 422, sales(), {**USUAL, "delivery_days": {"least": 5, "most": 4}})
    assert refused["type"] == "/problems/days-wrong"
    download = SETTINGS.replace(BOX, "VISTA-HP-ESD")
    refused = await ask(shop, "PUT", download, 422, sales(), {**USUAL, "delivery_days": DAYS})
    assert refused["type"] == "/problems/days-unused"
    assert len(await events_of(ProductPublished, "kontor")) == before
    longer = {"least": 3, "most": 10}
    changed = await ask(shop, "PUT", SETTINGS, 200, sales(), {**USUAL, "delivery_days": longer})
    assert changed["delivery_days"] == longer
    await events_of(ProductPublished, "kontor", at_least=before + 1)
    assert (await published(events_of)).model_dump() == longer
    staff = await ask(shop, "GET", f"/assortment/{VISTA}", 200, sales())
    known = {one["sku"]: one["delivery_days"] for edition in staff["editions"] for one in edition["variants"]}
    assert (known[BOX], known["VISTA-HP-ESD"]) == (longer, None)
    for role in ("support", "files", "customer"):
        await ask(shop, "PUT", SETTINGS, 403, sales(role=role), {**USUAL, "delivery_days": DAYS})
    await ask(shop, "PUT", SETTINGS, 404, sales(tenant="other"), {**USUAL, "delivery_days": DAYS})


async def test_a_file_that_does_not_name_them_leaves_them_and_wrong_ones_are_a_fault(
    shop: Harness, load: Load, assortment: str, sales: Sales
):
    longer = {"least": 5, "most": 7}
    await ask(shop, "PUT", SETTINGS, 200, sales(), {**USUAL, "delivery_days": longer})
    unnamed = assortment.replace("            delivery: {days: 2-4}\n", "")
    assert unnamed != assortment
    assert (await load(unnamed)).exit_code == 0
    assert (await shown(shop, VISTA, "direct"))[BOX]["delivery_days"] == longer
    refused = await load(assortment.replace("{days: 2-4}", "{days: 4-2}"))
    assert refused.exit_code == 1
    assert "must be working days such as 2-4, from 1 to 90" in refused.output


async def test_a_new_box_may_have_its_days_at_once_and_a_download_none(shop: Harness, sales: Sales):
    body = {**NEW, "family": "Crates", "sku": "CRATES-1", "fulfilment": "boxed", "delivery_days": DAYS}
    await ask(shop, "POST", PATH, 201, sales(), body)
    crates = product_id("kontor", "Crates", "1")
    assert (await shown(shop, crates, "direct"))["CRATES-1"]["delivery_days"] == DAYS
    body |= {"family": "Bits", "sku": "BITS-1", "fulfilment": "download"}
    refused = await ask(shop, "POST", PATH, 422, sales(), body)
    assert [fault["at"] for fault in refused["faults"]] == ["body.delivery_days"]
    assert [fault["rule"] for fault in refused["faults"]] == ["days-unused"]
    later = {**NEW, "family": "Chests", "sku": "CHESTS-1", "fulfilment": "boxed"}
    await ask(shop, "POST", PATH, 201, sales(), later)
    chests = product_id("kontor", "Chests", "1")
    assert (await shown(shop, chests, "direct"))["CHESTS-1"]["delivery_days"] is None


async def test_the_doctor_names_a_box_for_sale_without_days_until_it_has_them(shop: Harness, sales: Sales):
    async def told() -> list[str]:
        found = await examine(patient_of(shop.service), shop.settings)
        return [one.text for one in found if one.check == "delivery time" and BOX in one.text]

    await ask(shop, "PUT", SETTINGS, 200, sales(), {**USUAL, "delivery_days": DAYS})
    assert await told() == []
    await ask(shop, "PUT", SETTINGS, 200, sales(), USUAL)
    assert await told() == [f"The box {BOX} is for sale without a delivery time (tenant kontor)."]
    await ask(shop, "POST", f"/products/{VISTA}/withdrawal", 200, sales())
    assert await told() == []
