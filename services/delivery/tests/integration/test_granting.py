"""Links follow from what is known of a line, in whatever order its events arrived."""

import os
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
from chassis.db import Database
from chassis_testing.refusing import refusing
from contracts.accounts import KeyDestroyed, KeyKind
from contracts.delivery import DownloadExtended, DownloadGranted, DownloadRevoked, FileReleased
from contracts.shared import ErasureConfirmed
from delivery.usecases import granting

from services.delivery.tests.integration.conftest import Depot, Sale


async def missing(depot: Depot) -> dict[str, dict[str, Any]]:
    """The articles that are waited for, by SKU."""
    status, view = await depot.get("/missing-files", depot.staff("files"))
    assert status == 200
    return {article["sku"]: article for article in view["items"]}


async def test_F_D03_a_paid_line_is_granted_with_an_individual_link(depot: Depot):  # DEL-2 DEL-3 E8 E9
    sku = f"SKU-{uuid4().hex[:8]}"
    await depot.upload(sku, b"program", "setup.exe", "application/vnd.microsoft.portable-executable")
    await depot.upload(sku, b"manual", "manual.pdf", "application/pdf")
    sale = Sale(depot.home, sku, units=2)
    before = depot.home.clock.now()
    await depot.home.publish(sale.paid())
    granted = await sale.granted()
    assert set(granted.units) == set(sale.unit_ids)
    assert [file.name for file in granted.files] == ["manual.pdf", "setup.exe"]
    assert timedelta(0) <= granted.valid_until - before - timedelta(days=30) < timedelta(seconds=20)
    assert granted.download_limit == 5
    assert granted.token.key == sale.contact.key
    token = sale.token(granted)
    assert len(token) == 43
    stored = await depot.home.sql("select grants::text from grants where line_id = $1", sale.line)
    assert token not in str(stored)


async def test_a_boxed_line_and_an_unpaid_order_have_no_link(depot: Depot):  # DEL-2 E26 M3 M13
    sale, _, _ = await depot.sold(b"x")
    boxed = Sale(depot.home, sale.sku, changes={"fulfilment": "boxed"})
    await depot.home.publish(boxed.paid())
    await depot.home.settled()
    assert await boxed.published(DownloadGranted) == []
    assert await depot.home.sql("select id from lines where order_id = $1", boxed.order) == []


async def test_F_D20_an_order_paid_before_its_file_is_uploaded_waits_and_is_granted_on_upload(depot: Depot):
    sale = Sale(depot.home, f"SKU-{uuid4().hex[:8]}")
    await depot.home.publish(sale.paid())
    await depot.home.settled()
    assert await sale.published(DownloadGranted) == []
    status, view = await depot.get(f"/orders/{sale.order}/grants", depot.staff("support"))
    assert (status, view["grants"], view["waiting"][0]["has_files"]) == (200, [], False)
    later = Sale(depot.home, sale.sku, changes={"deliver_from": depot.home.clock.now() + timedelta(days=1)})
    await depot.home.publish(later.paid())
    await depot.home.settled()
    assert (await missing(depot))[sale.sku]["lines"] == 1
    await depot.upload(sale.sku, b"late")
    assert (await sale.granted()).files[0].name == "setup.exe"
    await depot.home.settled()
    assert sale.sku not in await missing(depot)
    assert await later.published(DownloadGranted) == []


async def test_how_long_paid_lines_wait_for_files_is_measured(depot: Depot):
    async def measured() -> float:
        database = Database(depot.home.database_url, "delivery", depot.home.clock)
        await database.open()
        async with database.begin() as tx:
            await granting.measure_missing(tx)
        await database.close()
        _, text = await depot.get(f"{depot.home.admin_url}/metrics")
        return next(
            float(line.split()[1]) for line in text.splitlines() if line.startswith("kontor_missing_files_seconds ")
        )

    sale = Sale(depot.home, f"SKU-{uuid4().hex[:8]}")
    await depot.home.publish(sale.paid())
    await depot.home.settled()
    assert await measured() > 0
    await depot.upload(sale.sku, b"late")
    await sale.granted()
    assert await measured() == 0


async def test_a_line_without_consent_waits_for_its_time_and_the_earlier_time_wins(depot: Depot):  # ORD-7
    sku = (await depot.upload(f"SKU-{uuid4().hex[:8]}", b"x"))["items"][0]["sku"]
    now = depot.home.clock.now()
    soon, later = (now + timedelta(seconds=seconds) for seconds in (1.5, 3600))
    by_sweep = Sale(depot.home, sku, changes={"deliver_from": soon})
    released = Sale(depot.home, sku, changes={"deliver_from": later})
    released_before = Sale(depot.home, sku, changes={"deliver_from": later})
    await depot.home.publish(by_sweep.paid(), released.paid(), released_before.released(now), released_before.paid())
    await released_before.granted()
    assert await released.published(DownloadGranted) == []
    await depot.home.publish(released.released(now))
    await released.granted()
    granted = await by_sweep.granted()
    assert granted.valid_until - timedelta(days=30) >= soon


async def test_a_line_that_cannot_be_released_holds_up_no_other(depot: Depot):
    sku = (await depot.upload(f"SKU-{uuid4().hex[:8]}", b"x"))["items"][0]["sku"]
    later = depot.home.clock.now() + timedelta(hours=1)
    bad, good = [Sale(depot.home, sku, changes={"deliver_from": later}) for _ in range(2)]
    await depot.home.publish(bad.paid(), good.paid())
    await depot.home.settled()
    async with refusing(depot.home, "lines", "order_id", bad.order):
        depot.home.shift_clock(3601)
        await good.granted()
        assert await bad.published(DownloadGranted) == []


async def test_F_D04_of_three_units_refunding_one_keeps_the_file_and_refunding_all_takes_it(depot: Depot):  # DEL-12
    sale, token, _ = await depot.sold(b"x", units=3)
    other, other_token, _ = await depot.sold(b"y")
    await depot.home.publish(sale.refunded(sale.unit_ids[0]))
    await depot.home.settled()
    assert (await depot.get(f"/d/{token}"))[0] == 200
    await depot.home.publish(sale.refunded(*sale.unit_ids[1:]))
    await depot.home.settled()
    assert [revoked.reason for revoked in await sale.published(DownloadRevoked)] == ["refunded"]
    assert (await depot.get(f"/d/{token}"))[0] == 410
    assert (await depot.get(f"/d/{other_token}"))[0] == 200
    assert await other.published(DownloadRevoked) == []


async def test_a_refund_that_arrives_before_the_payment_leaves_nothing_granted(depot: Depot):
    sku = (await depot.upload(f"SKU-{uuid4().hex[:8]}", b"x"))["items"][0]["sku"]
    sale = Sale(depot.home, sku)
    await depot.home.publish(sale.refunded())
    await depot.home.settled()
    await depot.home.publish(sale.paid())
    await depot.home.settled()
    assert await sale.published(DownloadGranted) == []
    assert await depot.home.sql("select id from lines where waiting and order_id = $1", sale.order) == []


async def test_a_line_paid_in_parts_publishes_its_link_again_with_all_units(depot: Depot):  # E26
    sku = (await depot.upload(f"SKU-{uuid4().hex[:8]}", b"x"))["items"][0]["sku"]
    sale = Sale(depot.home, sku, units=3)
    first, *others = sale.unit_ids
    await depot.home.publish(sale.paid(first))
    granted = await sale.granted()
    await depot.home.publish(sale.paid(*others))
    again = await sale.granted(2)
    assert (granted.units, set(again.units)) == ([first], set(sale.unit_ids))
    assert sale.token(again) == sale.token(granted)
    await depot.home.publish(sale.paid())
    await depot.home.settled()
    assert len(await sale.published(DownloadGranted)) == 2


async def test_staff_extends_a_grant_sends_it_anew_and_takes_it_back(depot: Depot):  # E6 DEL-4
    sale, token, _ = await depot.sold(b"x")
    grant = (await sale.granted()).grant
    until_ = depot.home.clock.now() + timedelta(days=90)
    body = {"valid_until": until_.isoformat(), "download_limit": 9}
    status, view = await depot.send("PUT", f"/grants/{grant}", depot.staff("support"), body)
    assert (status, view["download_limit"], view["state"], view["files"][0]["left"]) == (200, 9, "active", 9)
    await depot.home.settled()
    (extended,) = await sale.published(DownloadExtended)
    assert (extended.valid_until, extended.download_limit) == (until_, 9)
    status, _ = await depot.send("POST", f"/grants/{grant}/resend", depot.staff("sales"))
    fresh = sale.token(await sale.granted(2))
    assert (await depot.get(f"/d/{token}"))[0] == 404
    assert (await depot.get(f"/d/{fresh}"))[0] == 200
    status, view = await depot.send("POST", f"/grants/{grant}/revocation", depot.staff("sales"))
    assert (status, view["state"], view["revocation_reason"]) == (200, "revoked", "staff")
    assert (await depot.get(f"/d/{fresh}"))[0] == 410
    await depot.home.publish(sale.paid())
    await depot.home.settled()
    assert [revoked.reason for revoked in await sale.published(DownloadRevoked)] == ["staff"]
    assert (await depot.get(f"/d/{fresh}"))[0] == 410
    for method, path in (("PUT", f"/grants/{grant}"), ("POST", f"/grants/{grant}/resend")):
        status, _ = await depot.send(method, path, depot.staff("sales"), {} if method == "PUT" else None)
        assert status == 409
    rows = "select before, after from chassis.audit where object_id = $1 order by number"
    acts = [(orjson.loads(before), orjson.loads(after)) for before, after in await depot.home.sql(rows, str(grant))]
    assert acts[0][0]["download_limit"] < acts[0][1]["download_limit"] == 9  # PLT-19
    assert acts[1][0] == {"link": 1}
    assert acts[2][0] == {"reason": None}
    # by which the log leads to the order
    of = {"order": str(sale.order)}
    assert [after for _, after in acts[1:]] == [{"link": 2, **of}, {"reason": "staff", **of}]
    assert acts[0][1]["order"] == str(sale.order)


async def test_changes_of_a_grant_are_bounded(depot: Depot):
    sale, _, _ = await depot.sold(b"x")
    path = f"/grants/{(await sale.granted()).grant}"
    for body in (
        {"download_limit": 0},
        {"download_limit": 2**31},
        {"download_limit": 1.5},
        {"valid_until": "2026-12-01"},
        {"valid_until": "9999-01-01T00:00:00Z"},
        {"unknown": 1},
    ):
        assert (await depot.send("PUT", path, depot.staff("support"), body))[0] == 422, body


async def test_customers_see_their_own_links_without_secrets_a_page_at_a_time(depot: Depot):
    sale, token, _ = await depot.sold(b"x")
    again = Sale(depot.home, sale.sku, customer=sale.customer)
    await depot.home.publish(again.paid())
    await again.granted()
    mine = depot.home.bearer(depot.home.accounts.token(sale.customer, "customer"))
    status, first = await depot.get("/me/grants?limit=1", mine)
    assert (status, len(first["items"])) == (200, 1)
    _, rest = await depot.get(f"/me/grants?cursor={first['next']}", mine)
    assert {item["order"] for item in first["items"] + rest["items"]} == {str(sale.order), str(again.order)}
    assert rest["next"] is None
    assert token not in str(first) + str(rest)
    somebody = depot.home.bearer(depot.home.accounts.token(uuid4(), "customer"))
    assert (await depot.get("/me/grants", somebody))[1]["items"] == []


async def test_another_tenant_and_other_roles_reach_nothing(depot: Depot):  # PLT-1
    sale, _, _ = await depot.sold(b"x")
    grant = (await sale.granted()).grant
    customer = depot.home.bearer(depot.home.accounts.token(sale.customer, "customer"))
    another = depot.home.bearer(depot.home.accounts.token(uuid4(), "customer"))
    foreign = depot.staff("support", "sales", "files", tenant="other")
    own = {f"/orders/{sale.order}/grants", f"/grants/{grant}"}
    routes = [
        ("GET", f"/orders/{sale.order}/grants"),
        ("GET", f"/orders/{sale.order}/downloads"),
        ("GET", f"/grants/{grant}"),
        ("PUT", f"/grants/{grant}"),
        ("POST", f"/grants/{grant}/resend"),
        ("POST", f"/grants/{grant}/revocation"),
    ]
    for method, path in routes:
        body: dict[str, Any] | None = {} if method == "PUT" else None
        assert (await depot.send(method, path, foreign, body))[0] == 404, path
        reads_own = method == "GET" and path in own
        assert (await depot.send(method, path, customer, body))[0] == (200 if reads_own else 403), path
        assert (await depot.send(method, path, another, body))[0] == (404 if reads_own else 403), path
        assert (await depot.send(method, path, {}, body))[0] == 401, path
    for path in ("/downloads", "/downloads.csv", "/attempts", f"/skus/{sale.sku}/files"):
        assert (await depot.get(path, customer))[0] == 403
        assert (await depot.get(path))[0] == 401
    _, files = await depot.get(f"/skus/{sale.sku}/files", foreign)
    assert files["items"] == []
    _, proof = await depot.get(f"/customers/{sale.customer}/skus/{sale.sku}/downloads", foreign)
    assert proof == {"received": False, "lines": [], "downloads": []}


async def test_each_release_names_all_files_and_the_same_again_publishes_nothing(depot: Depot):  # E15 E24 DEL-10
    sku = f"SKU-{uuid4().hex[:8]}"
    data = os.urandom(1000)
    await depot.upload(sku, data, "a.zip")
    await depot.upload(sku, data, "a.zip")
    await depot.upload(sku, b"b", "b.pdf", "application/pdf; charset=binary")
    await depot.upload(sku, b"new", "a.zip", version="2")
    await depot.home.settled()
    released = [event for event in await depot.home.published(FileReleased) if event.sku == sku]
    names = [[(file.name, file.version) for file in event.files] for event in released]
    assert names == [[("a.zip", "1")], [("a.zip", "1"), ("b.pdf", "1")], [("a.zip", "2"), ("b.pdf", "1")]]
    assert released[2].files[1].media_type == "application/pdf"


async def test_a_destroyed_key_is_confirmed(depot: Depot):  # ORD-2
    sale, _, _ = await depot.sold(b"x")
    destroyed = KeyDestroyed(
        tenant="kontor",
        customer=sale.customer,
        key=sale.profile.key,
        kind=KeyKind.PROFILE,
        destroyed_at=depot.home.clock.now(),
    )
    await depot.home.publish(destroyed)
    confirmed = await depot.home.published(ErasureConfirmed)
    assert [(one.key, one.service) for one in confirmed] == [(sale.profile.key, "delivery")]
