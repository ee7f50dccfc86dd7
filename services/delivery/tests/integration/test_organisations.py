"""Links of what was bought for an organisation: its owners fetch, its auditors see how they stand. ORD-14"""

from uuid import UUID, uuid4

from chassis_testing.members import Headers, acting, nobody

from services.delivery.tests.integration.conftest import Depot, Sale


async def bought(depot: Depot, organisation: UUID | None) -> tuple[Sale, str, str]:
    """A sale for an organisation with one file: the sale, its link, and the path at which a download is started."""
    sku = f"SKU-{uuid4().hex[:8]}"
    file = (await depot.upload(sku, b"the contents"))["items"][0]["file"]
    sale = Sale(depot.home, sku)
    await depot.home.publish(sale.paid().model_copy(update={"organisation": organisation}))
    grant = str((await sale.granted()).grant)
    return sale, grant, f"/me/grants/{grant}/files/{file}"


async def listed(depot: Depot, headers: Headers) -> list[str]:
    status, found = await depot.get("/me/grants", headers)
    assert status == 200, found
    return [one["grant"] for one in found["items"]]


async def test_an_owner_sees_and_fetches_what_others_have_bought(depot: Depot):
    organisation = uuid4()
    sale, grant, start = await bought(depot, organisation)
    owner = acting(depot.home, uuid4(), organisation, "owner")
    assert await listed(depot, owner) == [grant]
    status, seen = await depot.get(f"/orders/{sale.order}/grants", owner)
    assert (status, [one["state"] for one in seen["grants"]]) == (200, ["active"])
    assert (await depot.get(f"/grants/{grant}", owner))[0] == 200
    status, started = await depot.send("POST", start, owner)
    assert status == 200
    assert (await depot.fetch(started["url"]))[:2] == (200, b"the contents")


async def test_an_auditor_sees_how_links_stand_and_fetches_and_changes_nothing(depot: Depot):
    organisation = uuid4()
    sale, grant, start = await bought(depot, organisation)
    auditor = acting(depot.home, uuid4(), organisation, "auditor")
    assert await listed(depot, auditor) == [grant]
    assert (await depot.get(f"/orders/{sale.order}/grants", auditor))[0] == 200
    assert (await depot.send("POST", start, auditor))[0] == 404
    for method, path, body in (
        ("PUT", f"/grants/{grant}", {"download_limit": 9}),
        ("POST", f"/grants/{grant}/resend", None),
        ("POST", f"/grants/{grant}/revocation", None),
    ):
        for role in ("auditor", "owner"):
            by = acting(depot.home, uuid4(), organisation, role)
            assert (await depot.send(method, path, by, body))[0] == 403


async def test_nobody_else_sees_a_link_of_an_organisation(depot: Depot):
    organisation = uuid4()
    sale, grant, start = await bought(depot, organisation)
    for one in nobody(depot.home, organisation):
        assert await listed(depot, one) == []
        assert (await depot.get(f"/orders/{sale.order}/grants", one))[0] == 404
        assert (await depot.get(f"/grants/{grant}", one))[0] == 404
        assert (await depot.send("POST", start, one))[0] == 404


async def test_what_a_member_has_bought_for_themself_stays_theirs(depot: Depot):
    sale, grant, start = await bought(depot, None)
    owner = acting(depot.home, uuid4(), uuid4(), "owner")
    assert await listed(depot, owner) == []
    assert (await depot.get(f"/grants/{grant}", owner))[0] == 404
    assert (await depot.send("POST", start, owner))[0] == 404
    assert (await depot.get(f"/grants/{grant}", acting(depot.home, sale.customer, uuid4(), "buyer")))[0] == 200


async def test_whoever_has_bought_keeps_their_link_after_leaving(depot: Depot):
    sale, grant, start = await bought(depot, uuid4())
    former = acting(depot.home, sale.customer, None)
    assert await listed(depot, former) == [grant]
    assert (await depot.send("POST", start, former))[0] == 200


async def test_a_long_list_of_an_organisation_is_turned_over(depot: Depot):
    organisation = uuid4()
    made = [(await bought(depot, organisation))[1] for _ in range(3)]
    owner = acting(depot.home, uuid4(), organisation, "owner")
    _, first = await depot.get("/me/grants?limit=2", owner)
    _, second = await depot.get(f"/me/grants?limit=2&cursor={first['next']}", owner)
    assert [one["grant"] for one in first["items"] + second["items"]] == made[::-1]
