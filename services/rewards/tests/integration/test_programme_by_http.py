"""The programme over HTTP: today's rules, what others would have given, and loading a file. REW-14"""

from typing import Any

import pytest

from services.rewards.tests.integration.conftest import Stage

HEAD = "rules:\n"
RULE = """  - rule: {rule}
    kind: {kind}
    valid_from: {valid_from}
    points: {points}
    minimum_minutes: 15
    minimum_participants: 2
"""
FUTURE = "2099-01-01T00:00:00Z"
TABLES = ("rules", "rewards", "postings", "lots", "chassis.audit", "chassis.outbox")


def rule(points: int, rule: str = "held-meeting", kind: str = "frequency", valid_from: str = FUTURE) -> str:
    return RULE.format(rule=rule, kind=kind, points=points, valid_from=valid_from)


async def send(
    stage: Stage, path: str, content: str, role: str = "sales", tenant: str = "kontor", kind: str = "application/yaml"
) -> tuple[int, Any]:
    headers = {**stage.home.bearer(stage.staff(role, tenant)), "Content-Type": kind}
    async with stage.home.http.post(path, data=content.encode(), headers=headers) as answer:
        return answer.status, await answer.json()


async def counts(stage: Stage) -> list[int]:
    return [(await stage.home.sql(f"select count(*) from {table}"))[0]["count"] for table in TABLES]


async def test_a_trial_tells_what_rules_would_have_given_and_records_nothing(stage: Stage):
    member = await stage.member()
    await member.hold(3)
    assert await member.balance() == 300
    before = await counts(stage)
    content = HEAD + rule(150) + rule(10, "by-the-hour", "duration")
    status, trial = await send(stage, "/programme/trial?meetings=3", content)
    assert status == 200, trial
    assert (trial["meetings"], trial["members"], trial["before"], trial["after"]) == (3, 1, 300, 480)
    assert [(one["rule"], one["before"], one["after"]) for one in trial["rules"]] == [
        ("by-the-hour", 0, 30),
        ("held-meeting", 300, 450),
    ]
    assert (trial["differing"], len(trial["differences"])) == (3, 3)
    assert {(one["before"], one["after"]) for one in trial["differences"]} == {(100, 160)}
    assert str(member.id) not in str(trial)
    assert await counts(stage) == before
    assert await member.balance() == 300


async def test_a_trial_of_todays_rules_differs_in_nothing_and_sees_no_other_tenant(stage: Stage):
    member = await stage.member()
    await member.hold(2)
    _, same = await send(stage, "/programme/trial?meetings=2", HEAD + rule(100))
    assert (same["before"], same["after"], same["differing"]) == (200, 200, 0)
    _, elsewhere = await send(stage, "/programme/trial", HEAD + rule(100), tenant="elsewhere")
    assert (elsewhere["meetings"], elsewhere["before"], elsewhere["after"]) == (0, 0, 0)


@pytest.mark.parametrize("path", ["/programme/trial", "/programme"])
async def test_a_file_with_faults_is_refused_with_their_lines(stage: Stage, path: str):
    before = await counts(stage)
    status, problem = await send(stage, path, HEAD + rule(100) + rule(-1, "other"))
    assert (status, problem["type"]) == (422, "/problems/programme-refused")
    assert [fault["at"] for fault in problem["faults"]] == ["line 11"]
    assert await counts(stage) == before
    assert (await send(stage, path, "x", kind="text/plain"))[0] == 415


async def test_a_file_is_loaded_as_by_the_command_and_recorded(stage: Stage):
    content = HEAD + rule(120, "loaded-by-page")
    _, tried = await send(stage, "/programme?dry_run=true", content)
    assert (tried["rules"], tried["stored"]) == (1, False)
    status, loaded = await send(stage, "/programme", content)
    assert (status, loaded["rules"], loaded["members"], loaded["stored"]) == (200, 1, 0, True)
    assert (await send(stage, "/programme", content))[1]["rules"] == 0
    _, listed = await stage.ask("GET", "/programme/rules", stage.staff("support"))
    assert [one["points"] for one in listed["items"] if one["rule"] == "loaded-by-page"] == [120]
    acts = "select permission from chassis.audit where operation = 'POST /programme' and kind = 'programme'"
    assert {row["permission"] for row in await stage.home.sql(acts)} == {"sales"}


async def test_what_reaches_back_is_stored_only_where_that_is_meant(stage: Stage):
    member = await stage.member()
    await member.hold(1)
    content = HEAD + rule(5, "reaches-back", valid_from="2026-01-01T00:00:00Z")
    _, shown = await send(stage, "/programme", content)
    assert (shown["stored"], shown["posted"] >= 5, shown["members"] >= 1) == (False, True, True)
    assert await member.balance() == 100
    _, listed = await stage.ask("GET", "/programme/rules", stage.staff("sales"))
    assert "reaches-back" not in {one["rule"] for one in listed["items"]}


@pytest.mark.parametrize("role", ["customer", "files", "bookkeeping", "support", "reviewer", "operator", "service"])
async def test_only_sales_changes_the_programme(stage: Stage, role: str):
    for path in ("/programme/trial", "/programme"):
        assert (await send(stage, path, HEAD + rule(1), role))[0] == 403
    status, _ = await stage.ask("GET", "/programme/rules", stage.staff(role))
    assert (status == 200) == (role == "support")


async def test_anybody_reads_how_points_are_earned_now_and_how_long_they_live(stage: Stage):
    async with stage.home.http.get("/earning", params={"tenant": "kontor", "market": "DE"}) as answer:
        assert answer.status == 200, await answer.text()
        (found,) = (await answer.json())["items"]
    assert (found["points"], found["minimum_minutes"], found["expires_after_days"]) == (100, 15, None)
    async with stage.home.http.get("/earning", params={"tenant": "nobody", "market": "DE"}) as answer:
        assert (await answer.json())["items"] == []
