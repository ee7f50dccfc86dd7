"""A key without a limit is active on very many devices and not without end; lists of them come by pages. LIC-5"""

from typing import Any

from contracts.shared import KeysPer
from licensing.domain.devices import ENDED_KEPT, MOST_WITHOUT_LIMIT

from services.licensing.tests.integration.conftest import Counter, Sale
from services.licensing.tests.integration.test_devices import activated, bought, freed, listed

FILL = """
insert into activations (tenant, id, order_id, license_id, device, activated_at, seen_at, ended_at, ended_by)
select 'kontor', gen_random_uuid(), order_id, license_id, decode(md5(number::text), 'hex'),
       now() - interval '1 day', now(), case when $3 then now() - make_interval(secs => number) end,
       case when $3 then 'program' end
from units
cross join generate_series(1, $2::integer) as number
where order_id = $1
  and fingerprint is not null
"""
ENDED = "select count(*) from activations where order_id = $1 and ended_at is not null"


async def fill(counter: Counter, sale: Sale, count: int, *, ended: bool = False) -> None:
    """Let a sale's key be active on so many devices, or have been."""
    await counter.home.sql(FILL, sale.order, count, ended)


async def refused(counter: Counter, key: str, device: str) -> dict[str, Any]:
    """How an activation is refused."""
    asked = {"license_key": key, "tenant": "kontor", "device": device}
    async with counter.home.http.post("/activations", json=asked) as answer:
        problem = await answer.json()
        assert (answer.status, problem["type"].rpartition("/")[2]) == (409, "devices-used-up"), problem
        return problem


async def test_a_key_without_a_limit_is_not_active_on_devices_without_end(counter: Counter):
    sale, key = await bought(counter, "ANY", None)
    await activated(counter, key, "first")
    await fill(counter, sale, MOST_WITHOUT_LIMIT - 2)
    assert await activated(counter, key, "last") == ("valid", MOST_WITHOUT_LIMIT)
    problem = await refused(counter, key, "one more")
    assert problem["most"] == MOST_WITHOUT_LIMIT
    assert "free" in problem["title"]
    assert await activated(counter, key, "first") == ("valid", MOST_WITHOUT_LIMIT)
    assert await counter.validate(key, device="first") == "valid"
    assert await counter.validate(key, device="one more") == "not_activated"
    _, path, (device, *_) = await listed(counter, sale)
    assert await freed(counter, path, device["device"], counter.customer(sale)) == 204
    assert await activated(counter, key, "one more") == ("valid", MOST_WITHOUT_LIMIT)


async def test_units_that_share_a_key_without_a_limit_have_so_many_each(counter: Counter):
    sale, key = await bought(counter, "ANYSHARED", None, 2, keys_per=KeysPer.PURCHASE)
    await fill(counter, sale, MOST_WITHOUT_LIMIT * 2 - 1)
    assert (await activated(counter, key, "last"))[0] == "valid"
    await refused(counter, key, "one more")


async def test_a_limit_of_the_article_may_be_higher(counter: Counter):
    sale, key = await bought(counter, "HIGH", MOST_WITHOUT_LIMIT + 2)
    await fill(counter, sale, MOST_WITHOUT_LIMIT + 1)
    assert (await activated(counter, key, "last"))[0] == "valid"
    assert (await activated(counter, key, "more"))[0] == "too_many_devices"


async def test_devices_are_listed_by_pages(counter: Counter):
    sale, key = await bought(counter, "PAGED", None)
    await fill(counter, sale, 60)  # all of them since the same moment
    await activated(counter, key, "last", name="Erikas Notebook")
    _, path, first = await listed(counter, sale)
    assert len(first) == 50
    found: list[Any] = []
    query = "?limit=25"
    while query:
        status, page = await counter.get(f"{path}{query}", counter.customer(sale))
        assert status == 200
        found += page["items"]
        query = f"?limit=25&cursor={page['next']}" if page["next"] else ""
    assert len(found) == len({one["device"] for one in found}) == 61
    assert found[:50] == first
    assert found[-1]["name"] == "Erikas Notebook"
    assert (await counter.get(f"{path}?cursor=nonsense", counter.customer(sale)))[0] == 400


async def test_what_has_ended_is_forgotten_but_for_the_last(counter: Counter):
    sale, key = await bought(counter, "ENDED", 2)
    await fill(counter, sale, ENDED_KEPT * 3, ended=True)
    for number in range(3):
        await activated(counter, key, f"device {number}")
        await counter.ask("/deactivations", key, device=f"device {number}")
    assert (await counter.home.sql(ENDED, sale.order))[0][0] == ENDED_KEPT + 1
    await activated(counter, key, "kept")
    await fill(counter, sale, 5, ended=True)
    assert await activated(counter, key, "kept") == ("valid", 1)
