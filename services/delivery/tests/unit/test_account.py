import itertools
import random

from delivery.domain.account import Account, united
from hypothesis import given
from hypothesis import strategies as st

SIZES = st.integers(1, 200)


@st.composite
def stretches(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    size = draw(SIZES)
    bounds = st.integers(0, size)
    pairs = draw(st.lists(st.tuples(bounds, bounds), max_size=30))
    return size, [(min(pair), max(pair)) for pair in pairs]


@given(stretches())
def test_the_union_holds_exactly_the_bytes_of_its_stretches_and_is_disjoint(case: tuple[int, list[tuple[int, int]]]):
    _, pairs = case
    result = united(pairs)
    assert {byte for first, end in result for byte in range(first, end)} == {
        byte for first, end in pairs for byte in range(first, end)
    }
    assert all(before[1] < after[0] for before, after in itertools.pairwise(result))


@given(stretches())
def test_a_download_is_complete_exactly_when_every_byte_has_arrived(
    case: tuple[int, list[tuple[int, int]]],
):  # E28 DEL-5
    size, pairs = case
    account = Account(size)
    for first, end in pairs:
        account = account.ended(first, end, end)
    arrived = {byte for first, end in pairs for byte in range(first, end)}
    assert account.bytes_arrived == len(arrived)
    assert account.complete == (len(arrived) == size)


def test_two_thousand_ranges_in_any_order_are_one_download():  # DEL-5
    size = 2000 * 7 + 3
    starts = list(range(0, size, 7))
    random.Random(1).shuffle(starts)
    account = Account(size)
    completions = 0
    for first in starts:
        before = account.complete
        end = min(first + 7, size)
        account = account.ended(first, end, end)
        completions += account.complete and not before
    assert (completions, account.complete, account.arrived) == (1, True, ((0, size),))


def test_ninety_nine_per_cent_are_not_a_download():
    assert not Account(100).ended(0, 99, 99).complete


def test_what_was_sent_and_not_acknowledged_does_not_count_by_itself():
    account = Account(100).ended(0, 40, 100)
    assert (account.bytes_arrived, account.complete) == (40, False)


def test_a_reader_who_goes_on_behind_unacknowledged_bytes_has_them():
    account = Account(100).ended(0, 40, 70).resumed(60)
    assert account.arrived == ((0, 60),)
    assert account.ended(60, 100, 100).complete


def test_a_reader_who_begins_behind_what_was_sent_confirms_nothing():
    assert Account(100).ended(0, 40, 70).resumed(71).arrived == ((0, 40),)
    assert Account(100).ended(0, 40, 70).resumed(40).arrived == ((0, 40),)


@given(st.integers(1, 100), st.data())
def test_F_D11_a_reader_who_goes_on_where_it_stopped_always_gets_to_the_end(size: int, data: st.DataObject):
    account, has = Account(size), 0
    for _ in range(data.draw(st.integers(0, 8))):
        sent = data.draw(st.integers(has, size))
        acknowledged = data.draw(st.integers(has, sent))
        first, has = has, data.draw(st.integers(has, sent))
        account = account.resumed(first).ended(first, acknowledged, sent)
    assert account.resumed(has).ended(has, size, size).complete
