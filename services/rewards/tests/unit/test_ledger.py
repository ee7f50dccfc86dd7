from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rewards.domain.ledger import Book, Entries, Lot, NotEnoughPoints

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def lot(number: int, points: int, expires_in: int | None = None) -> Lot:
    expires_at = None if expires_in is None else NOW + timedelta(days=expires_in)
    return Lot(UUID(int=number), points, NOW + timedelta(minutes=number), expires_at)


def book_of(*lots: Lot) -> Book:
    book = Book.of()
    for one in lots:
        book, _ = book.accrue(one)
    return book


def test_points_are_taken_from_the_lot_that_expires_first():  # REW-6
    book = book_of(lot(1, 100), lot(2, 100, expires_in=90), lot(3, 100, expires_in=30))
    _, entries = book.redeem(150)
    assert entries == {UUID(int=3): -100, UUID(int=2): -50}


def test_more_than_the_balance_cannot_be_redeemed_and_the_refusal_says_how_much_is_missing():
    with pytest.raises(NotEnoughPoints) as refused:
        book_of(lot(1, 100)).redeem(101)
    assert refused.value.facts == {"missing": 1}


def test_F_R06_a_reversal_of_spent_points_leaves_a_debt_that_the_next_accrual_pays():  # REW-9
    spent, _ = book_of(lot(1, 100)).redeem(100)
    book, entries, forgiven = spent.reverse(lot(1, 0), 100, within_balance=False)
    assert (book.balance, entries, forgiven) == (-100, {UUID(int=1): -100}, 0)
    book, entries = book.accrue(lot(2, 150))
    assert (book.balance, entries) == (50, {UUID(int=1): 100, UUID(int=2): 50})


def test_a_reversal_within_the_balance_takes_what_there_is_and_forgives_the_rest():  # REW-9
    spent, _ = book_of(lot(1, 100), lot(2, 30)).redeem(100)
    book, entries, forgiven = spent.reverse(lot(1, 0), 100, within_balance=True)
    assert (book.balance, sum(entries.values()), forgiven) == (0, -30, 70)


def test_what_is_left_of_an_expired_lot_is_taken_and_pays_no_debt():  # REW-7
    book, entries = book_of(lot(1, 100), lot(2, 100, expires_in=30)).expire(NOW + timedelta(days=30))
    assert (book.balance, entries) == (100, {UUID(int=2): -100})
    spent, _ = book_of(lot(1, 100)).redeem(100)
    debt, _, _ = spent.reverse(lot(1, 0), 100, within_balance=False)
    assert debt.expire(NOW + timedelta(days=9999)) == (debt, {})
    late, entries = debt.accrue(lot(2, 150, expires_in=0))
    assert entries == {UUID(int=2): 150}
    assert late.expire(NOW + timedelta(days=1))[0].balance == -100


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("accrue"), st.integers(1, 300), st.none() | st.integers(1, 400)),
        st.tuples(st.just("redeem"), st.integers(1, 500), st.none()),
        st.tuples(st.just("reverse"), st.integers(0, 30), st.none()),
    ),
    max_size=40,
)


@given(STEPS, st.booleans())
def test_no_sequence_of_postings_makes_the_balance_differ_from_its_lots(  # REW-6 I5
    steps: list[tuple[str, int, int | None]], within_balance: bool
):
    book, postings, standing = Book.of(), 0, dict[UUID, int]()

    def post(entries: Entries) -> None:
        nonlocal postings
        postings += sum(entries.values())

    for number, (what, amount, expires_in) in enumerate(steps, 1):
        before = book
        if what == "accrue":
            book, entries = book.accrue(lot(number, amount, expires_in))
            assert sum(entries.values()) == amount
            standing[UUID(int=number)] = amount
            post(entries)
        elif what == "redeem":
            try:
                book, entries = book.redeem(amount)
            except NotEnoughPoints:
                assert before.balance < amount
                continue
            assert book.balance == before.balance - amount >= 0
            post(entries)
        elif standing:
            wanted = sorted(standing)[amount % len(standing)]
            points = standing.pop(wanted)
            # only lots with something left are read from the table
            book = Book.of(one for one in book.lots if one.remaining)
            book, entries, forgiven = book.reverse(
                Lot(wanted, 0, NOW + timedelta(minutes=wanted.int)), points, within_balance=within_balance
            )
            assert sum(entries.values()) == -(points - forgiven)
            assert not within_balance or book.balance >= 0
            post(entries)
        assert book.balance == postings == sum(one.remaining for one in book.lots)
        assert {one.remaining > 0 for one in book.lots if one.remaining} != {True, False}


def test_what_a_redemption_took_goes_back_to_its_lots_and_pays_debts_first():  # REW-10
    full = book_of(lot(1, 100), lot(2, 100, expires_in=30))
    spent, taken = full.redeem(150)
    assert spent.give_back(taken, NOW)[0] == full
    debt, _, _ = spent.reverse(lot(2, 0), 100, within_balance=False)
    assert debt.balance == -50
    book, entries = debt.give_back(taken, NOW)
    assert (book.balance, sum(entries.values())) == (100, 150)
    assert all(one.remaining >= 0 for one in book.lots)
    first, _ = book_of(lot(1, 100), lot(2, 100)).redeem(100)
    second, taken = first.redeem(100)
    owing, _, _ = second.reverse(lot(1, 0), 100, within_balance=False)
    book, entries = owing.give_back(taken, NOW)
    assert (book.balance, entries) == (0, {UUID(int=1): 100})


@given(st.lists(st.integers(1, 500), min_size=1, max_size=6), st.data())
def test_giving_back_never_leaves_a_debt_beside_points(earned: list[int], data: st.DataObject):
    book = book_of(*(lot(number, points) for number, points in enumerate(earned, 1)))
    before, _ = book.redeem(data.draw(st.integers(0, sum(earned) - 1)))
    spent, taken = before.redeem(data.draw(st.integers(1, before.balance)))
    at = data.draw(st.integers(1, len(earned)))
    reversed_, _, _ = spent.reverse(lot(at, 0), earned[at - 1], within_balance=False)
    back, entries = reversed_.give_back(taken, NOW)
    assert back.balance == reversed_.balance - sum(taken.values()) == before.balance - earned[at - 1]
    assert sum(entries.values()) == -sum(taken.values())
    assert not (any(one.remaining < 0 for one in back.lots) and any(one.remaining > 0 for one in back.lots))
