from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from licensing.domain.licenses import Issued, Verdict, judge
from licensing.domain.stock import Stock, Unit, handed_out

START = datetime(2026, 11, 2, tzinfo=UTC)


@st.composite
def units(draw: st.DrawFn) -> Unit:
    order, unit, line = (draw(st.uuids()) for _ in range(3))
    paid_at = START + timedelta(minutes=draw(st.integers(0, 3)))
    sequence, place = draw(st.integers(0, 3)), draw(st.integers(1, 3))
    return Unit("kontor", order, unit, line, place, "A", "imported", "", paid_at, sequence, "waiting")


@given(st.lists(units(), max_size=20), st.integers(0, 25), st.randoms())
def test_whoever_has_paid_first_gets_the_first_serial(waiting: list[Unit], count: int, random: object):  # LIC-3
    given_out, left = handed_out(waiting, range(count))
    assert len(given_out) == min(count, len(waiting))
    assert [serial for _, serial in given_out] == list(range(len(given_out)))
    turns = [unit.turn for unit, _ in given_out] + [unit.turn for unit in left]
    assert turns == sorted(unit.turn for unit in waiting)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=60), st.integers(0, 8))
def test_low_stock_is_said_once_for_each_time_it_is_reached(changes: list[int], low: int):  # LIC-1
    stock = Stock("kontor", "A", 10, low, low_said=False)
    was_low, crossings, said = False, 0, 0
    for change in changes:
        stock = stock.less(min(change, stock.available))
        is_low = stock.available <= low
        crossings += is_low and not was_low
        was_low = is_low
        said += stock.falls_low
        stock = stock.said()
    assert said == crossings


def test_a_key_is_judged_by_the_best_that_is_known_of_it():  # E11
    good, bad = Issued("A", revoked=False), Issued("A", revoked=True)
    other = Issued("B", revoked=False)
    assert judge([], None) is Verdict.UNKNOWN
    assert judge([good], None) is judge([good], "A") is judge([bad, good], "A") is Verdict.VALID
    assert judge([bad], None) is judge([bad, other], "A") is Verdict.REVOKED
    assert judge([other], "A") is Verdict.OTHER_PRODUCT


def test_units_paid_at_the_same_moment_are_told_apart():
    one = Unit("kontor", UUID(int=1), UUID(int=1), UUID(int=1), 1, "A", "imported", "", START, 7, "waiting")
    two = Unit("kontor", UUID(int=1), UUID(int=2), UUID(int=1), 2, "A", "imported", "", START, 7, "waiting")
    assert [unit for unit, _ in handed_out([two, one], "ab")[0]] == [one, two]
