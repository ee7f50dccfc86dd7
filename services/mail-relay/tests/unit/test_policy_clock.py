"""The response clock and the late rate: MAIL-9."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from mail_relay.domain.policy.clock import (
    Answer,
    Clock,
    Side,
    Written,
    answers,
    elapsed,
    is_late,
    late_rate,
    late_rates,
)

FRIDAY = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEKDAYS = Clock(weekends_count=False)
BUYER, SELLER = Side.BUYER, Side.SELLER

# around the night in which Berlin's clocks go back
START = datetime(2026, 10, 20, tzinfo=UTC)
messages = st.lists(
    st.builds(
        Written,
        st.sampled_from(Side),
        st.integers(0, 12 * 24).map(lambda hours: START + hours * HOUR),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda message: message.at,
)


def counted(start: datetime, end: datetime, clock: Clock) -> timedelta:
    """Count hour by hour."""
    total, at = timedelta(0), start
    while at < end:
        if clock.weekends_count or at.astimezone(clock.zone).weekday() < 5:
            total += HOUR
        at += HOUR
    return total


def rate(conversation: list[Written], clock: Clock, now: datetime, days: int) -> float | None:
    """Judge each message of the buyer by looking at all the others."""
    told = [m for m in conversation if m.at <= now and not m.automatic]
    asking = [m for m in told if m.side is BUYER and not m.no_answer_needed]
    late = in_time = 0
    for question in asking:
        earlier = [m.at for m in told if m.side is SELLER and m.at < question.at]
        if any(other.at < question.at and (not earlier or other.at > max(earlier)) for other in asking):
            continue
        later = [m.at for m in told if m.side is SELLER and m.at > question.at]
        took = counted(question.at, min(later, default=now), clock)
        if question.at <= now - timedelta(days=days):
            continue
        late += took > clock.within
        in_time += bool(later) and took <= clock.within
    return late / (late + in_time) if late + in_time else None


@settings(max_examples=200, deadline=None)
@given(messages, st.booleans(), st.sampled_from([7, 30, 90]), st.integers(0, 15 * 24))
def test_the_late_rate_is_what_counting_hour_by_hour_gives(
    conversation: list[Written], weekends: bool, days: int, hours: int
):  # MAIL-9
    clock = Clock(weekends_count=weekends)
    now = START + hours * HOUR
    assert late_rate([conversation], clock, now, days) == rate(conversation, clock, now, days)


def test_a_weekend_stops_the_clock_by_setting_in_the_tenants_zone():  # MAIL-9
    monday = FRIDAY + timedelta(days=3)
    assert elapsed(FRIDAY, monday, Clock()) == timedelta(days=3)
    assert elapsed(FRIDAY, monday, WEEKDAYS) == timedelta(days=1)
    assert elapsed(FRIDAY, monday, Clock(weekends_count=False, zone=ZoneInfo("Asia/Tokyo"))) == timedelta(days=1)
    saturday_in_tokyo = datetime(2026, 11, 27, 16, tzinfo=UTC)
    assert elapsed(FRIDAY, saturday_in_tokyo, Clock(weekends_count=False, zone=ZoneInfo("Asia/Tokyo"))) == 3 * HOUR
    assert elapsed(FRIDAY, saturday_in_tokyo, WEEKDAYS) == 4 * HOUR


def test_a_day_begins_at_the_zones_midnight():  # MAIL-9
    saturday_in_berlin = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
    assert elapsed(saturday_in_berlin, saturday_in_berlin + 12 * HOUR, WEEKDAYS) == timedelta(0)


def test_exactly_24_hours_are_in_time_and_a_second_more_is_late():  # MAIL-9
    assert not is_late(Answer(FRIDAY, FRIDAY + 24 * HOUR), Clock(), FRIDAY)
    assert is_late(Answer(FRIDAY, FRIDAY + 24 * HOUR + timedelta(seconds=1)), Clock(), FRIDAY)
    assert not is_late(Answer(FRIDAY, None), Clock(), FRIDAY + HOUR)


def test_automatic_answers_and_what_needs_no_answer_do_not_count():  # MAIL-9
    asked = Written(BUYER, FRIDAY)
    assert answers([asked, Written(SELLER, FRIDAY + HOUR, automatic=True)]) == [Answer(FRIDAY, None)]
    assert answers([Written(BUYER, FRIDAY, no_answer_needed=True)]) == []
    assert answers([Written(BUYER, FRIDAY, automatic=True)]) == []
    assert answers([asked, Written(BUYER, FRIDAY + HOUR), Written(SELLER, FRIDAY + 2 * HOUR)]) == [
        Answer(FRIDAY, FRIDAY + 2 * HOUR)
    ]


def test_rates_over_7_30_and_90_days_are_separate_and_none_without_questions():  # MAIL-9
    def asked(days: int, hours: int) -> list[Written]:
        at = FRIDAY - timedelta(days=days)
        return [Written(BUYER, at), Written(SELLER, at + hours * HOUR)]

    conversations = [asked(2, 1), asked(20, 30), asked(80, 30), asked(100, 30)]
    assert late_rates(conversations, Clock(), FRIDAY) == {7: 0, 30: 1 / 2, 90: 2 / 3}
    assert late_rate([asked(7, 30)], Clock(), FRIDAY, 7) is None
    assert late_rates([], Clock(), FRIDAY) == {7: None, 30: None, 90: None}
