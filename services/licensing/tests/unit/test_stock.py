from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from licensing.domain.licenses import KeyState, Verdict, verdict_on
from licensing.domain.stock import Stock, Unit, assigned, grouped

START = datetime(2026, 11, 2, tzinfo=UTC)


@st.composite
def units(draw: st.DrawFn) -> Unit:
    order, line = (UUID(int=draw(st.integers(0, 3))) for _ in range(2))
    paid_at = START + timedelta(minutes=draw(st.integers(0, 3)))
    sequence, place = draw(st.integers(0, 3)), draw(st.integers(1, 3))
    keys_per = "purchase" if line.int % 2 else "unit"
    return Unit(
        "kontor", order, draw(st.uuids()), line, place, "A", "imported", "", paid_at, sequence, "waiting", keys_per
    )


@given(st.lists(units(), max_size=20), st.integers(0, 25))
def test_whoever_has_paid_first_gets_the_first_serial(waiting: list[Unit], count: int):  # LIC-3
    queue = grouped(waiting)
    given_out, left = assigned(queue, range(count))
    assert [serial for _, serial in given_out] == list(range(min(count, len(queue))))
    firsts = [sharing[0].turn for sharing in queue]
    assert firsts == sorted(firsts)
    served = [unit for sharing, _ in given_out for unit in sharing]
    assert sorted([*served, *left], key=lambda unit: unit.id) == sorted(waiting, key=lambda unit: unit.id)


@given(st.lists(units(), max_size=20))
def test_units_of_a_purchase_share_one_key_and_others_share_none(waiting: list[Unit]):  # LIC-4
    for sharing in grouped(waiting):
        assert len({(unit.order_id, unit.line_id) for unit in sharing}) == 1
        assert sharing[0].shares or len(sharing) == 1
        assert min(unit.turn for unit in sharing) == sharing[0].turn
    purchases = {(unit.order_id, unit.line_id) for unit in waiting if unit.shares}
    assert len(grouped(waiting)) == len(purchases) + sum(not unit.shares for unit in waiting)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=60), st.integers(0, 8))
def test_low_stock_is_said_once_for_each_time_it_is_reached(changes: list[int], low: int):  # LIC-1
    stock = Stock("kontor", "A", 10, low, low_published=False)
    was_low, crossings, said = False, 0, 0
    for change in changes:
        stock = stock.less(min(change, stock.available))
        is_low = stock.available <= low
        crossings += is_low and not was_low
        was_low = is_low
        said += stock.falls_low
        stock = stock.published()
    assert said == crossings


def test_a_key_is_judged_by_the_best_that_is_known_of_it():  # E11
    of = {"order_id": UUID(int=1), "license_id": UUID(int=2)}
    good, bad = KeyState("A", revoked=False, suspended=False, **of), KeyState("A", revoked=True, suspended=True, **of)
    other, held = KeyState("B", revoked=False, suspended=False, **of), replace(good, suspended=True)
    assert verdict_on([], None) is Verdict.UNKNOWN
    assert verdict_on([good], None) is verdict_on([good], "A") is verdict_on([bad, good], "A") is Verdict.VALID
    assert verdict_on([bad], None) is verdict_on([bad, other], "A") is Verdict.REVOKED
    assert verdict_on([held], None) is verdict_on([bad, held], "A") is Verdict.SUSPENDED
    assert verdict_on([held, good], None) is verdict_on([held, other], None) is Verdict.VALID
    assert verdict_on([other], "A") is Verdict.OTHER_PRODUCT


def test_units_paid_at_the_same_moment_are_told_apart():
    one = Unit("kontor", UUID(int=1), UUID(int=1), UUID(int=1), 1, "A", "imported", "", START, 7, "waiting")
    two = Unit("kontor", UUID(int=1), UUID(int=2), UUID(int=1), 2, "A", "imported", "", START, 7, "waiting")
    assert grouped([two, one]) == [(one,), (two,)]
