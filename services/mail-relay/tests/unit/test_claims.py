"""Claims by themselves: phases, clocks and who may do what (MAIL-8, K9)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from mail_relay.domain.alias import Side
from mail_relay.domain.claim import (
    Claim,
    ContactFirst,
    Grounds,
    NotAppealable,
    NotDecidable,
    NothingToClaim,
    Outcome,
    Reason,
    SameReviewer,
    State,
    Terms,
    TooEarly,
    check_contact,
)
from mail_relay.domain.desk import Asked, asked
from mail_relay.domain.policy.clock import Clock, elapsed, ends_at

FRIDAY = datetime(2026, 11, 27, 15, tzinfo=UTC)
HOUR, UNITS = timedelta(hours=1), (UUID(int=1), UUID(int=2))
CLAIM = Claim(
    tenant="kontor",
    id=UUID(int=3),
    conversation_id=UUID(int=4),
    order_id=UUID(int=5),
    seller="kontor",
    unit_ids=UNITS,
    reason=Reason.OTHER,
    opened_at=FRIDAY,
    terms=Terms(),
    due_at=ends_at(FRIDAY, Terms().statement, Terms().clock),
)
REVIEWED = CLAIM.stated(Side.SELLER)


@pytest.mark.parametrize("weekends_count", [False, True])
def test_MAIL_8_a_clock_ends_when_it_has_run_so_long(weekends_count: bool):
    clock = Clock(weekends_count=weekends_count)
    for start in (datetime(2026, month, 20, tzinfo=UTC) + step * 5 * HOUR for month in (3, 10) for step in range(60)):
        for within in (0 * HOUR, HOUR, 24 * HOUR, 31 * HOUR, 120 * HOUR):
            end = ends_at(start, within, clock)
            assert elapsed(start, end, clock) == within
            # by brute force: a minute before, less time had passed
            assert not within or elapsed(start, end - timedelta(minutes=1), clock) < within


def test_K9_a_claim_begins_with_an_attempt_to_agree_and_the_weekend_does_not_count():
    terms = Terms()
    with pytest.raises(ContactFirst):
        check_contact(None, terms, FRIDAY)
    # two working days after Friday, 16:00 in Berlin
    tuesday = FRIDAY + timedelta(days=4)
    with pytest.raises(TooEarly) as early:
        check_contact(FRIDAY, terms, tuesday - timedelta(seconds=1))
    assert early.value.opens_at == tuesday
    check_contact(FRIDAY, terms, tuesday)
    check_contact(FRIDAY, replace(terms, weekends_count=True), FRIDAY + timedelta(days=2))


def test_MAIL_8_a_seller_who_is_silent_loses_and_nobody_can_appeal():
    due = FRIDAY + timedelta(days=5)
    assert CLAIM.due_at == due
    assert CLAIM.elapsed(due - timedelta(seconds=1)) is CLAIM
    ended = CLAIM.elapsed(due)
    assert (ended.state, ended.outcome, ended.grounds, ended.granted) == (
        State.FINAL,
        Outcome.FOR_BUYER,
        Grounds.SILENCE,
        UNITS,
    )
    with pytest.raises(NotAppealable):
        ended.appealed(Side.SELLER, due)
    # who could not be told is not silent
    unheard = CLAIM.elapsed(due, reached=False)
    assert (unheard.state, unheard.due_at, unheard.outcome) == (State.REVIEW, None, None)


def test_MAIL_8_silence_does_not_decide_that_nothing_came_where_the_record_proves_receipt():
    due, missing = FRIDAY + timedelta(days=5), replace(CLAIM, reason=Reason.NOT_RECEIVED)
    for received in (UNITS, UNITS[1:]):
        found = missing.elapsed(due, received=received)
        assert (found.state, found.due_at, found.outcome, found.granted) == (State.REVIEW, None, None, ())
    # of another order's units, of none, or about something else, nothing is proven
    for one, received in ((missing, [UUID(int=9)]), (missing, ()), (CLAIM, UNITS)):
        assert (one.elapsed(due, received=received).state, one.reason) == (State.FINAL, one.reason)
    assert missing.elapsed(due - timedelta(seconds=1), received=UNITS) is missing


def test_MAIL_8_nobody_decides_before_the_seller_could_state_anything():
    with pytest.raises(NotDecidable):
        CLAIM.decided(Outcome.FOR_BUYER, Grounds.NOT_SHOWN, (), "r1", FRIDAY)
    assert CLAIM.stated(Side.BUYER) is CLAIM
    assert (REVIEWED.state, REVIEWED.due_at) == (State.REVIEW, None)


def test_MAIL_8_who_lost_may_appeal_once_and_another_reviewer_decides():
    decided = REVIEWED.decided(Outcome.FOR_BUYER, Grounds.SHOWN_BY_BUYER, (), "r1", FRIDAY)
    assert (decided.state, decided.granted) == (State.DECIDED, UNITS)
    with pytest.raises(NotAppealable):
        decided.appealed(Side.BUYER, FRIDAY)
    too_late = decided.due_at or FRIDAY
    with pytest.raises(NotAppealable):
        decided.appealed(Side.SELLER, too_late)
    appealed = decided.appealed(Side.SELLER, FRIDAY)
    with pytest.raises(SameReviewer):
        appealed.decided(Outcome.FOR_SELLER, Grounds.NOT_SHOWN, (), "r1", FRIDAY)
    final = appealed.decided(Outcome.FOR_SELLER, Grounds.NOT_SHOWN, (), "r2", FRIDAY)
    assert (final.state, final.granted, final.due_at) == (State.FINAL, (), None)
    with pytest.raises(NotAppealable):
        final.appealed(Side.BUYER, FRIDAY)
    assert [one.revision for one in (CLAIM, REVIEWED, decided, appealed, final)] == [1, 1, 2, 3, 4]
    rejected = REVIEWED.decided(Outcome.FOR_SELLER, Grounds.NOT_SHOWN, (), "r1", FRIDAY)
    assert rejected.appealed(Side.BUYER, FRIDAY).state is State.APPEALED
    with pytest.raises(NotAppealable):
        rejected.appealed(Side.SELLER, FRIDAY)


def test_MAIL_8_of_a_part_both_may_appeal_and_without_an_appeal_it_is_final():
    decided = REVIEWED.decided(Outcome.FOR_BUYER, Grounds.AGREED, UNITS[:1], "r1", FRIDAY)
    assert set(decided.losers) == set(Side)
    assert decided.due_at is not None
    ended = decided.elapsed(decided.due_at)
    assert (ended.state, ended.granted, ended.outcome) == (State.FINAL, UNITS[:1], Outcome.FOR_BUYER)
    with pytest.raises(NothingToClaim):
        REVIEWED.decided(Outcome.FOR_BUYER, Grounds.AGREED, [UUID(int=9)], "r1", FRIDAY)


def test_MAIL_8_a_claim_that_is_taken_back_gives_nothing_back():
    for one in (CLAIM, REVIEWED, REVIEWED.decided(Outcome.FOR_BUYER, Grounds.AGREED, (), "r1", FRIDAY)):
        withdrawn = one.withdrawn(FRIDAY)
        assert (withdrawn.state, withdrawn.granted, withdrawn.due_at) == (State.WITHDRAWN, (), None)
        assert withdrawn.revision == one.revision + 1
        with pytest.raises(NotDecidable):
            withdrawn.withdrawn(FRIDAY)


def test_MAIL_8_a_decision_against_its_buyer_stands_when_a_claim_is_taken_back():
    lost = REVIEWED.decided(Outcome.FOR_SELLER, Grounds.NOT_SHOWN, (), "r1", FRIDAY)
    for one in (lost, lost.appealed(Side.BUYER, FRIDAY)):
        ended = one.withdrawn(FRIDAY)
        assert (ended.state, ended.outcome, ended.revision) == (State.FINAL, Outcome.FOR_SELLER, one.revision + 1)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Re: Bestellung K-1\n\nNicht erhalten.\nSeit Tagen nichts.", Asked(Reason.NOT_RECEIVED)),
        ("Re: Order K-1\nIt does not\n run on ARM.", Asked(Reason.DOES_NOT_RUN)),
        ("[erledigt] Re: Bestellung", Asked(settled=True)),
        ("[No answer needed] thanks", Asked(no_answer_needed=True)),
        ("a\nb\nc\nd\nnicht erhalten", Asked()),
        ("", Asked()),
    ],
)
def test_MAIL_15_what_is_asked_for_stands_in_the_first_lines(words: str, wanted: Asked):
    assert asked(words) == wanted
