"""A landscape that publishes no `OrderPaid` says by HTTP what is paid, and gets the link (PLT-13)."""

import json
from typing import Any
from uuid import uuid4

import pytest
from chassis.identity.sealing import open_box
from chassis_testing.harness import until
from contracts.delivery import DownloadGranted
from contracts.event import Sealed

from services.delivery.tests.integration.conftest import Depot, Sale

LOW = f"{'A' * 43}="  # a point of low order, to which nothing can be sealed
DEAD = "select 1 from chassis.parked where key = $1 and state = 'dead'"


def line_of(sale: Sale, **changes: Any) -> dict[str, Any]:
    """What a shop that is not Kontor's says of a line."""
    contact = sale.contact.model_dump(mode="json")
    return {
        "seller": "somebody",
        "order_number": "A-1",
        "ordered_at": "2026-11-02T09:00:00Z",
        "customer": str(sale.customer),
        "contact": contact,
        "sku": sale.sku,
        "name": "A tool",
        "units": [str(unit) for unit in sale.unit_ids],
        "link_validity_days": 30,
        "download_limit": 5,
    } | changes


async def test_PLT_13_a_line_that_was_paid_elsewhere_gets_its_link_once(depot: Depot):
    sale = Sale(depot.home, f"SKU-{uuid4().hex[:8]}")
    path, sales = f"/orders/{sale.order}/lines/{sale.line}", depot.staff("sales")

    status, waiting = await depot.send("PUT", path, sales, line_of(sale))
    assert status == 200, waiting
    assert (waiting["state"], waiting["token"]) == ("waiting", None)
    await depot.upload(sale.sku, b"program")
    granted = await sale.granted()

    status, found = await depot.send("PUT", path, sales, line_of(sale))
    assert (status, found["state"], found["grant"]) == (200, "granted", str(granted.grant))
    sealed = Sealed.model_validate_json(json.dumps(found["token"]))
    assert sealed == granted.token  # said again, nothing is new
    token = open_box(sealed, depot.home.accounts.private_halves[sale.contact.key])
    assert (await depot.get(f"/d/{token}"))[0] == 200
    assert len(await sale.published(DownloadGranted)) == 1
    more = line_of(sale, units=[*line_of(sale)["units"], str(uuid4())])
    assert (await depot.send("PUT", path, sales, more))[1]["grant"] == str(granted.grant)
    assert len((await sale.granted(2)).units) == 2


async def test_a_service_names_the_tenant_and_what_contradicts_changes_nothing(depot: Depot):
    sale, _, _ = await depot.sold(b"x")
    own, other = f"/orders/{sale.order}/lines/{sale.line}", f"/orders/{uuid4()}/lines/{sale.line}"
    service = depot.home.bearer(depot.home.accounts.token("shop", "service", tenant=""))
    before = await depot.home.sql("select count(*) from units")

    refused = [
        await depot.send("PUT", other, depot.staff("sales"), line_of(sale)),
        await depot.send("PUT", other.replace(str(sale.line), str(uuid4())), service, line_of(sale)),
        await depot.send("PUT", other, depot.staff("sales"), line_of(sale, tenant="another")),
        await depot.send("PUT", other, depot.staff("support"), line_of(sale)),
        await depot.send("PUT", own, service, line_of(sale, tenant="kontor", sku="B")),
    ]

    assert [(status, problem["type"]) for status, problem in refused] == [
        (409, "/problems/line-differs"),
        (422, "/problems/invalid"),
        (404, "/problems/not-found"),
        (403, "/problems/forbidden"),
        (409, "/problems/line-differs"),
    ]
    assert await depot.home.sql("select count(*) from units") == before


@pytest.mark.parametrize("files", [True, False])
async def test_a_contact_key_that_is_none_is_refused_also_while_files_are_missing(depot: Depot, files: bool):
    sale = Sale(depot.home, f"SKU-{uuid4().hex[:8]}")
    if files:
        await depot.upload(sale.sku, b"program")
    path = f"/orders/{sale.order}/lines/{sale.line}"
    found: list[tuple[int, str]] = []
    for public in (LOW, f"{'A' * 42}B=", "AAAA"):
        contact = {"key": str(uuid4()), "public": public}
        status, problem = await depot.send("PUT", path, depot.staff("sales"), line_of(sale, contact=contact))
        found.append((status, problem["type"]))
    assert found == [(422, "/problems/contact-broken"), *[(422, "/problems/invalid")] * 2]
    assert not await depot.home.sql("select 1 from orders where id = $1", sale.order)


async def test_an_order_to_whom_nothing_can_be_sealed_is_dead_and_keeps_nobody_waiting(depot: Depot):
    sku = f"SKU-{uuid4().hex[:8]}"
    broken, good = Sale(depot.home, sku), Sale(depot.home, sku)
    paid = broken.paid()
    contact = paid.keys.contact.model_copy(update={"public": bytes(32)})
    keys = paid.keys.model_copy(update={"contact": contact})
    await depot.home.publish(paid.model_copy(update={"keys": keys}), good.paid())
    key = str(broken.order).encode()
    await until(lambda: depot.home.sql(DEAD, key), what="it to be dead")

    await depot.upload(sku, b"program")

    assert (await good.granted()).sku == sku
