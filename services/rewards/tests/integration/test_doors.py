"""Bad input, foreign callers and wrong roles at every door."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chassis_testing import until
from chassis_testing.fixtures import ServiceHome
from contracts.shared import MeetingLogged
from rewards.__main__ import service

from services.rewards.tests.integration.conftest import BASKET, HOUR, Stage

BIG = 2**31


def report(stage: Stage, **changes: Any) -> dict[str, Any]:
    """What an adapter posts of a meeting that is over."""
    now = stage.home.clock.now()
    facts = {
        "meeting": str(uuid4()),
        "source": "conferencing/example",
        "host": str(uuid4()),
        "status": "held",
        "started_at": (now - HOUR).isoformat(),
        "ended_at": (now - timedelta(minutes=1)).isoformat(),
        "participants": 3,
    }
    return {name: value for name, value in {**facts, **changes}.items() if value is not None}


async def test_the_intake_only_publishes_what_it_gets_and_the_points_follow(stage: Stage):  # L13 REW-2
    member = await stage.member()
    stage.home.shift_clock(2 * 3600)
    body = report(stage, host=str(member.id))
    status, answer = await stage.ask("POST", "/meetings", stage.staff(), body)
    assert (status, answer) == (202, {"meeting": body["meeting"], "revision": 1})
    await stage.ask("POST", "/meetings", stage.staff(), body)

    async def posted() -> bool:
        return (await member.get("/members/me"))[1]["balance"] == 100

    await until(posted, what="the points")
    logged = [one for one in await stage.home.published(MeetingLogged) if str(one.meeting) == body["meeting"]]
    assert {(one.tenant, one.source, one.participants) for one in logged} == {("kontor", "conferencing/example", 3)}


async def test_a_service_names_the_tenant_and_staff_has_one(stage: Stage):
    adapter = stage.staff("service", tenant="")
    assert (await stage.ask("POST", "/meetings", adapter, report(stage, tenant="kontor")))[0] == 202
    assert (await stage.ask("POST", "/meetings", adapter, report(stage)))[0] == 422
    assert (await stage.ask("POST", "/meetings", stage.staff(), report(stage, tenant="kontor")))[0] == 202
    assert (await stage.ask("POST", "/meetings", stage.staff(), report(stage, tenant="other")))[0] == 404


async def test_only_who_is_named_reports_for_a_source_and_is_remembered(service_home: ServiceHome):
    sources = {"conferencing/example": ["conferencing"], "by-hand": ["staff"]}
    async with service_home(service, meeting_sources=sources) as home:
        stage = Stage(home, home.clock.now())
        adapter = home.accounts.token("conferencing", "service", tenant="")
        other = home.accounts.token("delivery", "service", tenant="")

        async def log(token: str, source: str) -> int:
            return (await stage.ask("POST", "/meetings", token, report(stage, source=source, tenant="kontor")))[0]

        assert await log(adapter, "conferencing/example") == 202
        assert await log(stage.staff(), "by-hand") == 202
        for token, source in [(other, "conferencing/example"), (stage.staff(), "conferencing/example"), (adapter, "x")]:
            assert await log(token, source) == 422
        rows = await home.sql("select reporter, source from intake order by logged_at")
        assert [tuple(row) for row in rows] == [("conferencing", "conferencing/example"), ("staff", "by-hand")]
        await home.publish(stage.meeting(uuid4()), source="delivery")
        await stage.publish(stage.meeting(uuid4()))
        await home.settled()
        dead = await home.sql("select reason from chassis.parked where state = 'dead'")
        assert ["SourceUnknown" in row["reason"] for row in dead] == [True]


@pytest.mark.parametrize(
    "changes",
    [
        {"participants": -1},
        {"participants": BIG},
        {"participants": 2.5},
        {"participants": "3"},
        {"participants": None},
        {"revision": 0},
        {"revision": BIG},
        {"status": "imagined"},
        {"meeting": "not-an-id"},
        {"host": "4111111111111111"},
        {"source": ""},
        {"source": "a b"},
        {"source": "a\nb"},
        {"source": "x" * 101},
        {"source": "a\u0000b"},
        {"started_at": "yesterday"},
        {"started_at": "2026-11-02T09:00:00"},
        {"started_at": "2099-01-01T00:00:00Z", "ended_at": "2099-01-01T01:00:00Z"},
        {"started_at": "0001-01-01T00:00:00+14:00", "ended_at": "0001-01-01T01:00:00+14:00"},
        {"ended_at": "2020-01-01T00:00:00Z"},
        {"tenant": "../etc"},
        {"colour": "blue"},
    ],
)
async def test_the_intake_refuses_hostile_meetings_and_publishes_nothing(stage: Stage, changes: dict[str, Any]):
    body = report(stage, **changes)
    status, problem = await stage.ask("POST", "/meetings", stage.staff(), body)
    assert (status, problem["status"]) == (422, 422)
    assert "4111111111111111" not in json.dumps(problem)
    assert not await stage.home.sql("select 1 from chassis.outbox where payload::text like $1", f"%{body['meeting']}%")


async def test_a_meeting_must_end_after_it_starts(stage: Stage):
    body = report(stage)
    body["ended_at"] = body["started_at"]
    assert (await stage.ask("POST", "/meetings", stage.staff(), body))[0] == 422


async def test_an_impossible_meeting_in_kafka_is_dead_and_the_next_is_consumed(stage: Stage):
    member = await stage.member()
    good = stage.meeting(member)
    for changes in ({"participants": BIG}, {"revision": BIG}, {"participants": -1}, {"source": ""}):
        await stage.publish(good.model_copy(update={"meeting": uuid4(), **changes}))
    await stage.publish(good)

    async def dead() -> bool:
        rows = await stage.home.sql("select 1 from chassis.parked where state = 'dead' and topic = 'MeetingLogged'")
        return len(rows) >= 4

    await until(dead, what="four dead events")
    await stage.home.settled()
    assert await member.balance() == 100


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "Europe/Berlin", "market": "de"},
        {"time_zone": "Europe/Berlin", "language": "fr"},
        {"time_zone": "Europe/Berlin", "colour": "blue"},
        {"time_zone": 1},
        [],
    ],
)
async def test_enrolment_refuses_what_it_does_not_know(stage: Stage, body: Any):
    customer = stage.customer()
    status, _ = await customer.post("/members", body)
    assert status == 422
    assert (await customer.get("/members/me"))[0] == 404


@pytest.mark.parametrize("reward", ["", "a/b", "x" * 65, 1, None, "Flight\u0000"])
async def test_a_redemption_names_a_reward(stage: Stage, reward: Any):
    member = await stage.member()
    assert (await member.post("/redemptions", {"reward": reward}))[0] == 422
    assert (await member.post("/redemptions", {"reward": "no-such-thing"}))[0] == 404


async def test_without_membership_nothing_is_redeemed(stage: Stage):  # L7
    status, problem = await stage.customer().post("/redemptions", BASKET)
    assert (status, problem["type"]) == (404, "/problems/not-enrolled")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?tenant=kontor",
        "?tenant=kontor&market=germany",
        "?tenant=a%00b&market=DE",
        "?tenant=kontor&market=DE&language=fr",
    ],
)
async def test_the_catalogue_asks_for_tenant_and_market(stage: Stage, query: str):
    assert (await stage.ask("GET", f"/rewards{query}"))[0] == 422


async def test_another_tenants_catalogue_is_another(stage: Stage):
    assert await stage.ask("GET", "/rewards?tenant=nobody&market=DE") == (200, {"items": [], "next": None})


@pytest.mark.parametrize(
    "path", ["/members/me/postings", "/members/me/meetings", "/members/me/redemptions", "/redemptions"]
)
@pytest.mark.parametrize("cursor", ["x", "-1", "99999999999999999999", "inf_x", "nan_x", "1e400_", "%C2%B2"])
async def test_a_cursor_of_ones_own_making_is_refused(stage: Stage, path: str, cursor: str):
    token = stage.staff() if path == "/redemptions" else (await stage.member()).token
    status, _ = await stage.ask("GET", f"{path}?cursor={cursor}", token)
    assert status == 400


async def test_F_P28_what_belongs_to_others_is_not_there(stage: Stage):
    member = await stage.member()
    await member.hold(30)
    _, redemption = await member.post("/redemptions", BASKET)
    path = f"/members/me/redemptions/{redemption['redemption']}"
    assert (await member.get(path))[0] == 200
    assert (await (await stage.member()).get(path))[0] == 404
    outsider = stage.customer("other")
    outsider.id = member.id
    assert (await outsider.get(path))[0] == 404
    assert (await outsider.get("/members/me"))[0] == 404
    assert (await outsider.get("/members/me/postings"))[1]["items"] == []
    assert (await outsider.get("/members/me/meetings"))[1]["items"] == []
    assert (await outsider.get("/members/me/redemptions"))[1]["items"] == []
    fulfilment = f"/redemptions/{redemption['redemption']}/fulfilment"
    assert (await stage.ask("POST", fulfilment, stage.staff(tenant="other")))[0] == 404
    _, listed = await stage.ask("GET", "/redemptions", stage.staff(tenant="nobody"))
    assert listed["items"] == []
    assert (await stage.ask("POST", f"/redemptions/{uuid4()}/fulfilment", stage.staff()))[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/members", ["customer"]),
        ("GET", "/members/me", ["customer"]),
        ("DELETE", "/members/me", ["customer"]),
        ("GET", "/members/me/postings", ["customer"]),
        ("GET", "/members/me/meetings", ["customer"]),
        ("GET", "/members/me/redemptions", ["customer"]),
        ("POST", "/redemptions", ["customer"]),
        ("GET", "/redemptions", ["support"]),
        ("POST", "/redemptions/0192d3a4-0000-7000-8000-000000000803/fulfilment", ["support"]),
        ("POST", "/meetings", ["service", "support"]),
    ],
)
async def test_F_A02_each_route_is_for_its_roles_only(stage: Stage, method: str, path: str, allowed: list[str]):
    assert (await stage.ask(method, path, body={} if method == "POST" else None))[0] == 401
    for role in ("customer", "sales", "files", "bookkeeping", "support", "reviewer", "partner", "service"):
        status, _ = await stage.ask(method, path, stage.staff(role), {} if method == "POST" else None, "key")
        assert (status == 403) == (role not in allowed), role


async def test_codes_are_imported_once_and_whole_or_not_at_all(stage: Stage, tmp_path: Path):  # REW-10
    file = tmp_path / "pool.csv"

    async def load(content: str, *options: str, reward: str = "restaurant-voucher", tenant: str = "kontor") -> Any:
        file.write_text(content)
        return await stage.run("codes", "import", str(file), "--reward", reward, "--tenant", tenant, *options)

    assert (await load("POOL-0001\nPOOL-0002\n", "--dry-run")).output == "2 codes would be imported, 0 known before\n"
    for taken, known in [(2, 0), (0, 2)]:
        done = await load("POOL-0001\nPOOL-0002\n")
        assert done.output.endswith(f"{taken} codes imported, {known} known before\n")
    for options in ((), ("--dry-run",)):
        refused = await load("pool-0002\nPOOL-0003\n", *options)
        assert refused.exit_code == 1
        (line,) = refused.output.splitlines()[1:]
        assert line.startswith("pool.csv:1: known: the entry was imported before;")
    done = await load("pool-0002\nPOOL-0003\n", "--skip-duplicates")
    assert done.output.endswith("1 codes imported, 1 known before\n")
    refused = await load("POOL-0004\nPOOL-0004\nx\n")
    assert [" ".join(line.split()[:2]) for line in refused.output.splitlines()[1:]] == [
        "pool.csv:2: repeated:",
        "pool.csv:3: too-short:",
    ]
    kept = await stage.home.sql("select code from codes where tenant = 'kontor'")
    assert len(kept) == 3
    assert not any(b"POOL" in row["code"] for row in kept)
    for reward, tenant in [("gift-basket", "kontor"), ("restaurant-voucher", "nobody"), ("nothing", "kontor")]:
        assert (await load("POOL-0005\n", reward=reward, tenant=tenant)).exit_code == 1


async def test_a_faulty_programme_keeps_nothing(stage: Stage, tmp_path: Path):
    file = tmp_path / "faulty.yaml"
    good = (
        "rewards:\n  - {reward: a, kind: miles, names: {de: A, en: A}, points: 1, valid_from: 2026-01-01T00:00:00Z}\n"
    )
    file.write_text(good)
    await stage.load(file, "faulty")
    file.write_text(good.replace("miles", "voucher") + good.replace("rewards:\n", "").replace("reward: a", "reward: b"))
    refused = await stage.run("load", str(file), "--tenant", "faulty")
    assert refused.exit_code == 1
    assert refused.output.startswith("faulty.yaml:2: kind-changed: The kind of a known reward cannot change")
    rows = await stage.home.sql("select id, kind from rewards where tenant = 'faulty'")
    assert [tuple(row) for row in rows] == [("a", "miles")]
