"""A landscape that publishes no `OrderPaid` says by HTTP what is paid, and gets the link (PLT-13)."""

import json
from typing import Any
from uuid import uuid4

from chassis.identity.sealing import open_box
from contracts.delivery import DownloadGranted
from contracts.event import Sealed

from services.delivery.tests.integration.conftest import Depot, Sale


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


async def test_a_contact_key_that_is_none_is_refused(depot: Depot):
    sale = Sale(depot.home, f"SKU-{uuid4().hex[:8]}")
    await depot.upload(sale.sku, b"program")
    contact = {"key": str(uuid4()), "public": f"{'A' * 43}="}  # a point of low order
    path = f"/orders/{sale.order}/lines/{sale.line}"
    status, problem = await depot.send("PUT", path, depot.staff("sales"), line_of(sale, contact=contact))
    assert (status, problem["type"]) == (422, "/problems/contact-unusable")
    assert not await depot.home.sql("select 1 from orders where id = $1", sale.order)
