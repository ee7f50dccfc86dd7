import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from rewards.domain.meetings import Meeting, Report, counted
from rewards.domain.membership import Enrolment, TimeZoneUnknown, check_time_zone
from rewards.domain.programme import RuleRewritten, RuleTooEarly, next_version
from rewards.domain.rules import Evaluation, Rule, RuleKind, Verdict, chained, earning, evaluate

START = datetime(2026, 11, 1, tzinfo=UTC)
HOST = UUID(int=7)
MEMBER = [Enrolment(START, None, "DE", "de", "Europe/Berlin")]
RULE = Rule(
    id="held-meeting",
    version=1,
    kind=RuleKind.FREQUENCY,
    valid_from=START - timedelta(days=300),
    valid_until=None,
    points=100,
    per_minutes=60,
    minimum_minutes=15,
    minimum_participants=2,
    cap_day=None,
    cap_month=None,
    markets=frozenset(),
    expires_after_days=None,
)
HOURLY = replace(RULE, id="hours", kind=RuleKind.DURATION, points=50, minimum_minutes=60)


def held(number: int, after: timedelta = timedelta(days=1), minutes: int = 45, people: int = 4) -> Meeting:
    began = START + after
    ended = began + timedelta(minutes=minutes)
    return Meeting(UUID(int=number), "example", HOST, began, ended, people, ended)


def points(evaluations: list[Evaluation]) -> int:
    return sum(award.points for one in evaluations for award in one.awards)


def test_what_earns_points_now_is_each_rule_in_its_newest_version_if_it_is_for_the_market():
    newer = replace(RULE, version=2, points=120, valid_from=START)
    later = replace(RULE, version=3, points=999, valid_from=START + timedelta(days=9))
    over = replace(HOURLY, valid_until=START)
    abroad = replace(HOURLY, id="abroad", markets=frozenset({"AT"}))
    versions = [later, RULE, abroad, newer, over]
    assert earning(versions, "DE", START) == [newer]
    assert earning(versions, "AT", START) == [newer, abroad]
    assert earning(versions, "DE", START + timedelta(days=10)) == [later]
    assert earning(versions, "DE", START - timedelta(days=1)) == [RULE, over]


@pytest.mark.parametrize(("meetings", "flights"), [(59, 0), (60, 1), (61, 1)])
def test_sixty_held_meetings_are_worth_a_flight_of_1600_km(meetings: int, flights: int):  # L17 REW-4
    evaluations = evaluate([held(number, timedelta(hours=number)) for number in range(meetings)], MEMBER, [RULE])
    assert points(evaluations) // 6000 == flights


@pytest.mark.parametrize(("minutes", "earned"), [(59, 0), (60, 50), (61, 100), (120, 100), (121, 150)])
def test_a_duration_rule_counts_started_hours_above_its_threshold(minutes: int, earned: int):  # L9 REW-3
    assert points(evaluate([held(1, minutes=minutes)], MEMBER, [HOURLY])) == earned


@pytest.mark.parametrize(
    ("meeting", "verdict"),
    [
        (held(1, minutes=14), Verdict.TOO_SHORT),
        (held(1, minutes=15), Verdict.EARNED),
        (held(1, people=1), Verdict.TOO_FEW_PARTICIPANTS),
        (held(1, people=2), Verdict.EARNED),
        (held(1, -timedelta(seconds=1)), Verdict.NOT_ENROLLED),
        (held(1, timedelta()), Verdict.EARNED),
        (replace(held(1), reported_at=START), Verdict.NOT_OVER),
        (held(1, minutes=-45), Verdict.TOO_SHORT),
    ],
)
def test_what_a_meeting_needs_to_earn(meeting: Meeting, verdict: Verdict):  # REW-1 REW-3
    assert evaluate([meeting], MEMBER, [RULE])[0].verdict is verdict


def test_F_R12_the_version_valid_when_the_meeting_began_counts():
    change = START + timedelta(days=10)
    rules = [RULE, replace(RULE, version=2, valid_from=change, points=150)]
    evaluations = evaluate(
        [held(1, timedelta(days=10) - timedelta(minutes=45)), held(2, timedelta(days=10))], MEMBER, rules
    )
    assert [(award.rule_version, award.points) for one in evaluations for award in one.awards] == [(1, 100), (2, 150)]


def test_a_version_that_has_ended_does_not_give_way_to_an_older_one():  # REW-3
    ended = replace(RULE, version=2, valid_from=START, valid_until=START + timedelta(hours=1))
    assert evaluate([held(1)], MEMBER, [RULE, ended])[0].verdict is Verdict.NO_RULE


def test_points_last_to_the_end_of_a_quarter_by_the_members_own_calendar():  # REW-7
    rule = replace(RULE, expires_after_months=36)
    began = datetime(2025, 2, 10, 9, tzinfo=UTC)
    assert rule.expiry(began, ZoneInfo("UTC")) == datetime(2028, 4, 1, tzinfo=UTC)  # to 31.03.2028
    assert rule.expiry(began, ZoneInfo("Europe/Berlin")) == datetime(2028, 3, 31, 22, tzinfo=UTC)
    assert rule.expiry(began + timedelta(days=300), ZoneInfo("UTC")) == datetime(2029, 1, 1, tzinfo=UTC)
    assert replace(RULE, expires_after_days=3).expiry(began, ZoneInfo("UTC")) == began + timedelta(days=3)


def test_a_rule_of_other_markets_gives_nothing():  # L3 REW-3
    assert evaluate([held(1)], MEMBER, [replace(RULE, markets=frozenset({"AT"}))])[0].verdict is Verdict.NO_RULE


def test_a_day_ends_by_the_members_own_clock():  # L3 REW-3
    rule = replace(RULE, cap_day=150)
    late, next_day = held(1, timedelta(hours=22, minutes=30)), held(2, timedelta(hours=23, minutes=30))
    first, second = evaluate([late, next_day], MEMBER, [rule])
    assert (first.awards[0].points, second.awards[0].points) == (100, 100)
    tokyo = [replace(MEMBER[0], time_zone="Asia/Tokyo")]
    first, second = evaluate([late, next_day], tokyo, [rule])
    assert (first.awards[0].points, second.awards[0].points) == (100, 50)
    assert str(second.awards[0].arithmetic).endswith("of which 50 are left under the cap of 150 for 2026-11-02")


def test_caps_leave_the_same_points_in_whatever_order_meetings_are_given():  # REW-2 REW-3
    rules = [replace(RULE, cap_day=250, cap_month=700), replace(HOURLY, cap_day=120)]
    meetings = [held(number, timedelta(hours=5 * number), minutes=10 + 20 * (number % 7)) for number in range(40)]
    evaluations = evaluate(meetings, MEMBER, rules)
    assert sum(award.points for one in evaluations for award in one.awards if award.rule_id == "held-meeting") == 700
    for seed in range(5):
        shuffled = random.Random(seed).sample(meetings, len(meetings))
        assert evaluate(shuffled, MEMBER, rules) == evaluations


@pytest.mark.parametrize(
    ("second", "verdict"),
    [
        (held(2), Verdict.DUPLICATE),
        (held(2, timedelta(days=1, minutes=2), minutes=46), Verdict.DUPLICATE),
        (held(2, timedelta(days=1, minutes=20)), Verdict.OVERLAPPING),
        (held(2, timedelta(days=1, minutes=10), minutes=16), Verdict.OVERLAPPING),
        (held(2, timedelta(days=1, minutes=39)), Verdict.OVERLAPPING),
        (held(2, timedelta(days=1, minutes=40)), Verdict.EARNED),
        (held(2, timedelta(days=1, minutes=45)), Verdict.EARNED),
        (held(2, timedelta(days=2), minutes=60 * 24 + 1), Verdict.TOO_LONG),
    ],
)
def test_of_meetings_that_overlap_the_first_earns(second: Meeting, verdict: Verdict):  # REW-5
    first, other = evaluate([second, held(1)], MEMBER, [RULE])
    assert (first.verdict, other.verdict) == (Verdict.EARNED, verdict)


def test_a_meeting_that_earns_nothing_stands_in_nobodys_way():  # REW-5
    lone = held(1, people=1, minutes=90)
    assert [one.verdict for one in evaluate([lone, held(2)], MEMBER, [RULE])] == [
        Verdict.TOO_FEW_PARTICIPANTS,
        Verdict.EARNED,
    ]
    chain = [held(number, timedelta(days=1, minutes=30 * number)) for number in range(1, 6)]
    assert [one.verdict is Verdict.EARNED for one in evaluate(chain, MEMBER, [RULE])] == [
        True,
        False,
        True,
        False,
        True,
    ]
    assert chained([*chain, held(9, timedelta(days=3))], [chain[0]]) == [chain[0], *chain]
    assert chained(chain, [held(9, timedelta(days=3))]) == [held(9, timedelta(days=3))]


def test_F_R01_a_meeting_that_two_sources_call_held_counts_once():
    one, other = held(1), replace(held(1), source="another", participants=9)
    assert counted([Report("held", one), Report("held", other)]) == other
    assert counted([Report("held", one), Report("withdrawn", other)]) == one
    assert counted([Report("cancelled", one), Report("withdrawn", other)]) is None


@pytest.mark.parametrize("name", ["", "Europe/Atlantis", "../../etc/passwd", "localtime", "Factory", "europe/berlin"])
def test_only_names_of_the_time_zone_database_are_time_zones(name: str):  # L3
    with pytest.raises(TimeZoneUnknown):
        check_time_zone(name)
    check_time_zone("America/Argentina/Buenos_Aires")


def test_a_changed_rule_is_a_new_version():  # REW-3
    now = START
    assert next_version(replace(RULE, version=0), [], None) == RULE
    assert next_version(replace(RULE, version=0), [RULE], now) is None
    later = replace(RULE, version=0, points=120, valid_from=now + timedelta(days=1))
    assert next_version(later, [RULE], now) == replace(later, version=2)


def test_F_R12_a_version_is_never_rewritten():  # REW-3
    with pytest.raises(RuleRewritten):
        next_version(replace(RULE, version=0, points=101), [RULE], START)


def test_F_R12_a_correction_counts_instead_of_what_it_corrects():  # REW-3
    corrected = next_version(replace(RULE, version=0, points=10), [RULE], START, correct=True)
    assert corrected is not None
    assert corrected == replace(RULE, version=2, points=10)
    assert next_version(replace(RULE, version=0, points=10), [RULE, corrected], START) is None
    assert points(evaluate([held(1)], MEMBER, [corrected, RULE])) == 10


def test_F_R12_a_change_never_reaches_into_what_is_evaluated():
    with pytest.raises(RuleTooEarly):
        next_version(replace(RULE, version=0, points=101, valid_from=START), [RULE], START)
