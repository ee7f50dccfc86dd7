"""A customer starts a download of their own link, without the letter."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

from services.delivery.tests.integration.conftest import Depot, Sale


def own(depot: Depot, sale: Sale) -> dict[str, str]:
    return depot.home.bearer(depot.home.accounts.token(sale.customer, "customer", tenant=sale.tenant))


async def bought(depot: Depot, data: bytes = b"x", **sale: Any) -> tuple[Sale, str]:
    """A sale, and the path at which its customer starts the download of its file."""
    made, _, file = await depot.sold(data, **sale)
    return made, f"/me/grants/{(await made.granted()).grant}/files/{file['file']}"


async def test_a_customer_fetches_a_file_without_the_letter_and_it_counts(depot: Depot):  # M25
    sale, path = await bought(depot, b"the contents")
    status, started = await depot.send("POST", path, own(depot, sale))
    assert status == 200
    assert (await depot.fetch(started["url"]))[:2] == (200, b"the contents")
    await depot.done()
    _, mine = await depot.get("/me/grants", own(depot, sale))
    assert [(file["used"], file["left"]) for file in mine["items"][0]["files"]] == [(1, 4)]


async def test_who_presses_twice_uses_one_and_the_earlier_address_is_dead(depot: Depot):
    sale, path = await bought(depot)
    first, second = [(await depot.send("POST", path, own(depot, sale)))[1]["url"] for _ in range(2)]
    assert ((await depot.fetch(first))[0], (await depot.fetch(second))[0]) == (404, 200)


async def test_of_many_at_once_nobody_gets_more_than_the_count(depot: Depot):
    sale, path = await bought(depot, changes={"download_limit": 2})
    for _ in range(2):
        _, started = await depot.send("POST", path, own(depot, sale))
        assert (await depot.fetch(started["url"]))[0] == 200
    await depot.done()
    answers = await asyncio.gather(*(depot.send("POST", path, own(depot, sale)) for _ in range(5)))
    assert {(status, problem["type"]) for status, problem in answers} == {(410, "/problems/link-used-up")}


async def test_nobody_else_starts_a_download_of_a_customers_link(depot: Depot):
    sale, path = await bought(depot)
    other, foreign = await bought(depot)
    theirs = f"{path.rpartition('/')[0]}/{foreign.rpartition('/')[2]}"
    for headers, asked in (
        (own(depot, other), path),
        (own(depot, Sale(depot.home, "X", tenant="nordlicht", customer=sale.customer)), path),
        (own(depot, sale), theirs),
        (own(depot, sale), f"/me/grants/{uuid4()}/files/{uuid4()}"),
    ):
        assert (await depot.send("POST", asked, headers))[0] == 404
    assert (await depot.send("POST", path, depot.staff("support")))[0] == 403
    assert (await depot.send("POST", path, {}))[0] == 401
    _, mine = await depot.get("/me/grants", own(depot, sale))
    assert [file["used"] for file in mine["items"][0]["files"]] == [0]


async def test_what_is_taken_back_or_suspended_is_not_begun(depot: Depot):
    for change, problem in (("refunded", "link-revoked"), ("disputed", "link-suspended")):
        sale, path = await bought(depot)
        await depot.home.publish(getattr(sale, change)())
        await depot.home.settled()
        status, refused = await depot.send("POST", path, own(depot, sale))
        assert (status, refused["type"]) == (410, f"/problems/{problem}")


# The test below moves the clock, and stands at the end.


async def test_a_link_that_has_expired_is_not_begun(depot: Depot):
    sale, path = await bought(depot, changes={"link_validity_days": 1})
    depot.home.shift_clock(timedelta(days=1).total_seconds())
    await asyncio.sleep(0.1)
    status, refused = await depot.send("POST", path, own(depot, sale))
    assert (status, refused["type"]) == (410, "/problems/link-expired")
