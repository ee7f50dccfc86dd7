from pathlib import Path

import pytest
from chassis_testing import until
from contracts.event import Event
from contracts.orders import OrderPaid, OrderPlaced
from contracts.rewards import PointsAccrued, PointsReversed
from contracts.shared import MeetingStatus
from rewards.__main__ import service
from rewards.messaging import REACTIONS

from services.rewards.tests.integration.conftest import BASKET, FLIGHT, HOUR, Person, Stage

CHANGED = """\
rules:
  - rule: held-meeting
    kind: frequency
    valid_from: {at}
    points: 150
    minimum_minutes: 15
    minimum_participants: 2
"""


async def test_sixty_held_meetings_buy_the_flight_and_fifty_nine_do_not(stage: Stage):  # L17 REW-4
    member = await stage.member()
    await member.hold(59)
    status, problem = await member.post("/redemptions", FLIGHT)
    assert (status, problem["type"], problem["missing"]) == (409, "/problems/not-enough-points", 100)
    assert await member.balance() == 5900
    await stage.publish(stage.meeting(member, 90 * HOUR))
    await stage.home.settled()
    status, redemption = await member.post("/redemptions", FLIGHT)
    assert (status, redemption["kind"], redemption["fulfilled_at"]) == (201, "miles", None)
    assert await member.balance() == 0
    await stage.publish(stage.meeting(member, 91 * HOUR))
    await stage.home.settled()
    assert await member.balance() == 100


async def test_only_the_host_earns(stage: Stage):  # L17
    host, guest = await stage.member(), await stage.member()
    await host.hold(1)
    assert (await host.balance(), await guest.balance()) == (100, 0)


@pytest.mark.parametrize(
    ("changes", "verdicts"),
    [
        ({"status": MeetingStatus.CANCELLED}, []),
        ({"status": MeetingStatus.WITHDRAWN}, []),
        ({"minutes": 14}, ["too-short"]),
        ({"participants": 1}, ["too-few-participants"]),
    ],
)
async def test_only_meetings_held_long_enough_with_somebody_earn(  # REW-3 L17
    stage: Stage, changes: dict[str, object], verdicts: list[str]
):  # REW-5
    member = await stage.member()
    await stage.publish(stage.meeting(member, **changes))  # pyright: ignore[reportArgumentType] -- minutes among them
    await stage.home.settled()
    _, listed = await member.get("/members/me/meetings")
    assert [meeting["verdict"] for meeting in listed["items"]] == verdicts
    assert await member.balance() == 0


async def test_a_meeting_called_held_before_it_ends_earns_nothing(stage: Stage):  # REW-2
    member = await stage.member()
    await stage.home.publish(stage.meeting(member), source="conferencing")
    await stage.home.settled()
    assert await member.balance() == 0


async def test_F_R01_one_meeting_logged_by_two_sources_and_repeated_earns_once(stage: Stage):
    member = await stage.member()
    logged = stage.meeting(member)
    other = logged.model_copy(update={"source": "another/adapter"})
    corrected = logged.model_copy(update={"revision": 2, "participants": 7})
    await stage.publish(logged, other, logged, corrected, other, logged)
    await stage.home.settled()
    assert await member.balance() == 100
    assert len(await stage.home.sql("select id from lots where meeting_id = $1", logged.meeting)) == 1


async def test_F_R03_a_withdrawn_meeting_gives_back_exactly_what_it_earned_and_cycles_gain_nothing(stage: Stage):
    member = await stage.member()
    kept, logged = await member.hold(2)
    for revision in range(2, 8):
        status = MeetingStatus.WITHDRAWN if revision % 2 == 0 else MeetingStatus.HELD
        await stage.publish(logged.model_copy(update={"revision": revision, "status": status}))
        await stage.home.settled()
        assert await member.balance() == (100 if revision % 2 == 0 else 200)
    _, me = await member.get("/members/me")
    reversed_ = await stage.events_of(me["member"], PointsReversed, 3)
    accrued = await stage.events_of(me["member"], PointsAccrued, 5)
    assert {(event.meeting, event.points) for event in reversed_} == {(logged.meeting, 100)}
    assert [event.meeting for event in accrued].count(kept.meeting) == 1


async def test_a_lower_revision_changes_nothing(stage: Stage):  # REW-2
    member = await stage.member()
    (logged,) = await member.hold(1)
    withdrawn = logged.model_copy(update={"revision": 3, "status": MeetingStatus.WITHDRAWN})
    await stage.publish(withdrawn, logged.model_copy(update={"revision": 2}))
    await stage.home.settled()
    assert await member.balance() == 0


async def test_F_R03_a_meeting_corrected_to_another_host_changes_hands(stage: Stage):
    one, other = await stage.member(), await stage.member()
    (logged,) = await one.hold(1)
    await stage.publish(logged.model_copy(update={"revision": 2, "host": other.id}))
    await stage.home.settled()
    assert (await one.balance(), await other.balance()) == (0, 100)


async def test_F_R06_a_correction_after_spending_leaves_a_debt_that_later_meetings_pay(stage: Stage):  # REW-9
    member = await stage.member()
    logged = await member.hold(30)
    assert (await member.post("/redemptions", BASKET))[0] == 201
    await stage.publish(logged[0].model_copy(update={"revision": 2, "status": MeetingStatus.WITHDRAWN}))
    await stage.home.settled()
    assert await member.balance() == -100
    await stage.publish(*(stage.meeting(member, number * HOUR) for number in (50, 51)))
    await stage.home.settled()
    assert await member.balance() == 100


async def test_where_reversals_stay_within_the_balance_spent_points_are_not_earned_again(lenient: Stage):  # REW-9
    member = await lenient.member()
    logged = await member.hold(30)
    assert (await member.post("/redemptions", BASKET))[0] == 201
    for revision, status in enumerate([MeetingStatus.WITHDRAWN, MeetingStatus.HELD] * 3, 2):
        await lenient.publish(logged[0].model_copy(update={"revision": revision, "status": status}))
        await lenient.home.settled()
        assert await member.balance() == 0
    _, postings = await member.get("/members/me/postings?limit=2")
    assert postings["items"][0]["arithmetic"] == (
        "1 held meeting x 100 points = 100 points, less 100 that stayed with you when it was taken back"
    )


async def test_consuming_the_whole_topic_again_gives_the_same_balance(stage: Stage):  # REW-2
    member = await stage.member()
    logged = await member.hold(5)
    await stage.publish(logged[0].model_copy(update={"revision": 2, "status": MeetingStatus.CANCELLED}))
    await stage.home.settled()
    postings = (await member.get("/members/me/postings"))[1]
    await stage.publish(*logged)
    await stage.home.settled()
    assert await member.balance() == 400
    assert (await member.get("/members/me/postings"))[1] == postings


async def test_every_posting_names_rule_version_event_and_arithmetic(stage: Stage):  # REW-11
    member = await stage.member()
    logged = stage.meeting(member)
    (event,) = await stage.home.publish(logged, source="conferencing", at=logged.ended_at)
    await stage.home.settled()
    _, listed = await member.get("/members/me/postings")
    (posting,) = listed["items"]
    expected = {
        "kind": "accrual",
        "points": 100,
        "rule": "held-meeting",
        "rule_version": 1,
        "meeting": str(logged.meeting),
        "event": str(event),
        "arithmetic": "1 held meeting x 100 points = 100 points",
    }
    assert {name: posting[name] for name in expected} == expected
    assert {"of": "frequency", "total": 100, "each": 100, "parts": 1}.items() <= posting["facts"].items()


async def test_postings_and_meetings_come_in_pages(stage: Stage):  # REW-11 L8
    member = await stage.member()
    await member.hold(5)
    for path, name in [("/members/me/postings", "posting"), ("/members/me/meetings", "meeting")]:
        whole = [item[name] for item in (await member.get(path))[1]["items"]]
        assert len(set(whole)) == 5
        paged: list[str] = []
        cursor = ""
        while cursor is not None:
            _, page = await member.get(f"{path}?limit=2{cursor}")
            paged += [item[name] for item in page["items"]]
            cursor = f"&cursor={page['next']}" if page["next"] else None
        assert paged == whole


async def test_F_R12_the_rule_of_the_meetings_time_counts_and_loading_is_repeatable(  # REW-3
    stage: Stage, tmp_path: Path
):
    await stage.load(tenant="other")
    member = stage.customer("other")
    await member.enrol()
    change = stage.home.clock.now() + 2 * HOUR
    file = tmp_path / "changed.yaml"
    file.write_text(CHANGED.format(at=change.isoformat()))
    await stage.load(file, "other")
    await stage.load(file, "other")
    await stage.load(tenant="other")
    await stage.publish(stage.meeting(member, HOUR), stage.meeting(member, 3 * HOUR))
    await stage.home.settled()
    assert await member.balance() == 250
    _, listed = await member.get("/members/me/postings")
    assert sorted((one["rule_version"], one["points"]) for one in listed["items"]) == [(1, 100), (2, 150)]


async def test_a_rule_known_is_not_overwritten(stage: Stage, tmp_path: Path):  # REW-3
    file = tmp_path / "overwriting.yaml"
    file.write_text("\n\n" + CHANGED.format(at="2026-01-01T00:00:00Z"))
    refused = await stage.run("load", str(file), "--tenant", "kontor")
    assert refused.exit_code == 1
    assert "overwriting.yaml:4: rule-rewritten: Other terms stand under this valid_from already" in refused.output


async def test_rules_that_reach_back_are_shown_first_and_a_correction_takes_back(  # REW-2 REW-14 F-R12
    stage: Stage, tmp_path: Path
):
    member = stage.customer("late")
    await member.enrol()
    await stage.publish(stage.meeting(member))
    await stage.home.settled()
    stage.home.shift_clock(2 * HOUR.total_seconds())
    file = tmp_path / "mistyped.yaml"
    file.write_text(CHANGED.format(at="2026-01-01T00:00:00Z").replace("points: 150", "points: 15000"))
    shown = "of meetings held already 15000 points would be posted, 0 taken back, of 1 members\n"
    assert shown in await stage.load(file, "late", "--dry-run")
    refused = await stage.run("load", str(file), "--tenant", "late")
    assert (refused.exit_code, shown in refused.output, "--past" in refused.output) == (1, True, True)
    assert await member.balance() == 0
    await stage.load(file, "late", "--past")
    await points(member, 15000)
    file.write_text(file.read_text().replace("15000", "150"))
    refused = await stage.run("load", str(file), "--tenant", "late", "--past")
    assert "Other terms stand under this valid_from already" in refused.output
    shown = await stage.load(file, "late", "--correct", "--past")
    assert "150 points posted, 15000 taken back, of 1 members" in shown
    await points(member, 150)
    assert await member.balance() == 150
    assert await stage.load(file, "late") == "0 new versions of rules, 0 new or changed rewards\n"


async def points(member: Person, balance: int) -> None:
    """Wait until a member has so many points."""

    async def posted() -> bool:
        return (await member.get("/members/me"))[1]["balance"] == balance

    await until(posted, what=f"{balance} points")


async def test_a_rule_that_was_ended_is_no_cap(stage: Stage, tmp_path: Path):  # REW-3
    file = tmp_path / "ended.yaml"
    file.write_text(CHANGED.format(at="2026-01-01T00:00:00Z").replace("points: 150", "points: 0"))
    await stage.load(file, "ended")
    member = stage.customer("ended")
    await member.enrol()
    await member.hold(1)
    assert [one["verdict"] for one in (await member.get("/members/me/meetings"))[1]["items"]] == ["no-rule"]


async def test_points_expire_when_somebody_looks_and_by_themselves(stage: Stage, tmp_path: Path):  # REW-7
    file = tmp_path / "expiring.yaml"
    basket = "{reward: basket, kind: shipment, names: {de: K, en: B}, points: 100, valid_from: 2026-01-01T00:00:00Z}"
    rule = CHANGED.format(at="2026-01-01T00:00:00Z").replace("150", "100")
    file.write_text(f"{rule}    expires_after_days: 2\nrewards:\n  - {basket}\n")
    await stage.load(file, "expiring")
    spender, saver = stage.customer("expiring"), stage.customer("expiring")
    for member in (spender, saver):
        await member.enrol()
        await member.hold(2)
        assert await member.balance() == 200
    logged = stage.meeting(saver)
    await stage.publish(logged)
    await stage.home.settled()
    stage.home.shift_clock(47 * HOUR.total_seconds())
    assert (await spender.post("/redemptions", BASKET | {"reward": "basket"}))[0] == 201
    stage.home.shift_clock(4 * HOUR.total_seconds())
    status, problem = await spender.post("/redemptions", BASKET | {"reward": "basket"})
    assert (status, problem["missing"]) == (409, 100)
    assert (await saver.get("/members/me"))[1]["balance"] == 0
    moved = {"revision": 2, "started_at": logged.started_at + 96 * HOUR, "ended_at": logged.ended_at + 96 * HOUR}
    await stage.publish(logged.model_copy(update=moved))
    await stage.home.settled()
    assert await saver.balance() == 100  # the corrected meeting's points last from its own day

    async def posted() -> bool:
        kinds = [one["kind"] for one in (await spender.get("/members/me/postings"))[1]["items"]]
        return "expiry" in kinds

    await until(posted, what="what has expired to be posted", timeout=30)
    assert await spender.balance() == 0


async def test_no_event_of_a_sale_is_consumed():  # L1
    consumed = {Event.ALL[name] for name in REACTIONS.topics}
    assert not consumed & {OrderPlaced, OrderPaid}
    assert {event.DECLARED.published_by for event in consumed} == {"several", "accounts"}
    assert service.name == "rewards"
