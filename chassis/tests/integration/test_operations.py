"""What operators of a tenant see of a service, and what they let be tried again. PLT-10"""

from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.telemetry.current import version_of
from chassis_testing import Harness
from chassis_testing.harness import until
from probe import script
from probe.domain import MeetingRefused
from probe.seen import dead, effects, key, settled_by_clock, waiting
from probe.web import meeting

ID = "select id from chassis.parked where key = $1"
ACTS = "select actor, tenant, permission, kind from chassis.audit where object_id = $1"
OUTBOX = "insert into chassis.outbox (id, aggregatetype, aggregateid, type, tenant, occurred_at, refused) "


def operator(probe: Harness, who: UUID | None = None, tenant: str = "kontor") -> dict[str, str]:
    return probe.bearer(probe.accounts.token(who or uuid4(), "operator", tenant=tenant))


async def get(probe: Harness, path: str, headers: dict[str, str]) -> Any:
    async with probe.http.get(path, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def replay(probe: Harness, id_: int, headers: dict[str, str]) -> tuple[int, Any]:
    async with probe.http.post(f"/operations/dead/{id_}/replay", headers=headers) as answer:
        return answer.status, await answer.json()


async def dead_event(probe: Harness) -> tuple[UUID, UUID, int]:
    """Publish what dies, and return its host, its meeting and under which number it is kept."""
    host = uuid4()
    event = meeting(uuid4(), host)
    script.planned[event.meeting] = [MeetingRefused("erika@example.org"), MeetingRefused("erika@example.org")]
    await probe.publish(event)
    await until(lambda: dead(probe, host), what="it to be dead")
    script.planned.clear()
    return host, event.meeting, (await probe.sql(ID, key(host)))[0]["id"]


async def listed(probe: Harness, state: str, headers: dict[str, str]) -> dict[int, Any]:
    found = await get(probe, f"/operations/{state}?limit=500", headers)
    return {one["id"]: one for one in found["items"]}


async def test_F_E14_a_dead_event_is_listed_without_its_facts_and_replayed_once(probe: Harness):
    who = uuid4()
    host, held, id_ = await dead_event(probe)
    one = (await listed(probe, "dead", operator(probe)))[id_]
    assert (one["topic"], one["key"], one["error"]) == ("MeetingLogged", str(host), "MeetingRefused")
    assert "erika" not in str(one)
    assert await replay(probe, id_, operator(probe, who)) == (200, {"id": id_, "state": "waiting"})
    await until(lambda: effects(probe, host), what="the effect")
    assert await effects(probe, host) == [held]
    assert await replay(probe, id_, operator(probe, who)) == (200, {"id": id_, "state": "gone"})
    assert await effects(probe, host) == [held]
    rows = [tuple(row) for row in await probe.sql(ACTS, str(id_))]
    assert rows == [(str(who), "kontor", "operator", "dead event")]


async def test_a_dead_event_that_is_replayed_twice_at_once_waits_once(probe: Harness):
    host, held, id_ = await dead_event(probe)
    script.always[held] = MeetingRefused()
    assert (await replay(probe, id_, operator(probe)))[1]["state"] == "waiting"
    assert (await replay(probe, id_, operator(probe)))[1]["state"] in ("waiting", "gone")
    await until(lambda: dead(probe, host), what="it to be dead again")
    script.always.clear()


async def test_events_of_another_tenant_are_neither_shown_nor_counted_nor_replayed(probe: Harness):
    _, _, id_ = await dead_event(probe)
    elsewhere = operator(probe, tenant="elsewhere")
    assert await listed(probe, "dead", elsewhere) == {}
    assert (await get(probe, "/operations", elsewhere))["dead"] == {"count": 0, "oldest_at": None}
    assert (await replay(probe, id_, elsewhere))[0] == 404
    await probe.sql("update chassis.parked set tenant = null where id = $1", id_)
    assert id_ not in await listed(probe, "dead", operator(probe))
    assert (await replay(probe, id_, operator(probe)))[0] == 404
    assert (await replay(probe, 2**62, operator(probe)))[0] == 404


async def test_what_waits_is_counted_with_its_age_and_listed_a_page_at_a_time(probe: Harness):
    host = uuid4()
    events = [meeting(uuid4(), host) for _ in range(3)]
    script.planned[events[0].meeting] = [RuntimeError("x"), RuntimeError("x")]
    await probe.publish(*events)
    await until(lambda: waiting(probe, host, 3), what="them to wait")
    parked = (await get(probe, "/operations", operator(probe)))["parked"]
    assert parked["count"] >= 3
    assert parked["oldest_at"] is not None
    first = await get(probe, "/operations/parked?limit=1", operator(probe))
    second = await get(probe, f"/operations/parked?limit=1&cursor={first['next']}", operator(probe))
    assert first["items"][0]["id"] < second["items"][0]["id"]
    assert first["items"][0]["next_attempt"] > first["items"][0]["parked_at"]
    await settled_by_clock(probe)


async def test_a_service_tells_its_version_its_schema_and_what_it_has_not_published(probe: Harness):
    row = OUTBOX + "values (gen_random_uuid(), 'None', 'k', 'None', $1, $2, 'a test')"
    at = probe.clock.now()
    await probe.sql(row, "kontor", at)
    await probe.sql(row, "elsewhere", at)
    found = await get(probe, "/operations", operator(probe))
    assert (found["service"], found["version"]) == ("probe", version_of("probe"))
    assert found["schema_version"]["chassis"] >= 1
    assert (found["outbox"]["count"], found["outbox"]["refused"]) == (1, 1)
    assert found["outbox"]["oldest_at"] is not None
    await probe.sql("delete from chassis.outbox where refused = 'a test'")


@pytest.mark.parametrize("path", ["/operations", "/operations/parked", "/operations/dead"])
@pytest.mark.parametrize("role", ["customer", "sales", "reviewer", "administrator", "service"])
async def test_others_than_operators_see_nothing(probe: Harness, path: str, role: str):
    headers = probe.bearer(probe.accounts.token(uuid4(), role))
    async with probe.http.get(path, headers=headers) as answer:
        assert answer.status == 403
    assert (await replay(probe, 1, headers))[0] == 403
