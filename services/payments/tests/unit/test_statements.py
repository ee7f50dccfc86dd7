"""What a credit pays (PAY-6): money is never released wrongly."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payments.domain.orders import Order, Unit, UnitsNotOpen, shares
from payments.domain.payments import Reason
from payments.domain.references import Wording
from payments.domain.statements import AllocationExceeds, Credit, Payer, draw, match

NOW = datetime(2026, 11, 2, tzinfo=UTC)
NAMES_ONE = Wording(structured=("RF",))


def an_order(grosses: list[int], covered: int = 0, *, cancelled: bool = False, seller: str = "kontor") -> Order:
    units = tuple(
        Unit(uuid4(), gross, uuid4() if position < covered else None) for position, gross in enumerate(grosses)
    )
    return Order(
        tenant="kontor",
        id=uuid4(),
        number="K-1",
        customer_id=uuid4(),
        channel="direct",
        market="DE",
        seller_id=seller,
        payment_method="transfer",
        currency="EUR",
        gross=sum(grosses),
        ordered_at=NOW,
        pay_until=NOW,
        reference="RF",
        requested_at=None,
        traceparent=None,
        cancelled_units=frozenset(unit.id for unit in units) if cancelled else frozenset[UUID](),
        units=units,
    )


def a_credit(amount: int, currency: str = "EUR", doubt: Reason | None = None) -> Credit:
    return Credit(0, None, amount, currency, date(2026, 11, 4), NAMES_ONE, (), (), Payer(None, None, None), doubt)


orders = st.builds(
    an_order,
    st.lists(st.integers(1, 10_000), min_size=1, max_size=5),
    st.integers(0, 5),
    cancelled=st.booleans(),
    seller=st.sampled_from(["kontor", "other"]),
)
doubts = st.sampled_from([None, None, None, Reason.REVERSAL, Reason.NOT_ITEMISED])


@given(
    st.lists(orders, max_size=2),
    st.integers(1, 50_000),
    st.sampled_from(["EUR", "USD"]),
    doubts,
    st.booleans(),
    st.integers(0, 1),
)
def test_only_the_exact_amount_for_all_that_is_named_and_open_pays(
    meant: list[Order], amount: int, currency: str, doubt: Reason | None, exact: bool, together: int
):
    if exact and meant:
        amount = sum(unit.gross for order in meant[: 1 + together] for unit in order.open_units) or amount
    found = match(a_credit(amount, currency, doubt), meant, "kontor")
    assert (found.reason is None) == bool(found.units)
    if found.units:
        assert (doubt, currency) == (None, "EUR")
        assert all((order.lapsed, order.seller_id) == (False, "kontor") and order.open_units for order in meant)
        assert list(found.units) == [unit for order in meant for unit in order.open_units]
        assert sum(unit.gross for unit in found.units) == amount


@given(orders)
def test_the_exact_amount_always_pays_a_living_order(order: Order):
    due = sum(unit.gross for unit in order.open_units)
    found = match(a_credit(due), [order], order.seller_id)
    assert (found.reason is None) == (due > 0 and not order.lapsed)


@given(orders)
def test_what_was_paid_once_is_not_paid_again(order: Order):
    due = sum(unit.gross for unit in order.open_units)
    found = match(a_credit(due), [order], order.seller_id)
    if found.reason is None:
        after = order.with_covered((unit.id for unit in found.units), uuid4())
        assert match(a_credit(due), [after], order.seller_id).reason is Reason.PAID_TWICE


@given(st.integers(0, 10_000_000), st.integers(1, 1000))
def test_shares_sum_up_to_the_line(gross: int, count: int):
    parts = shares(gross, count)
    assert (len(parts), sum(parts)) == (count, gross)
    assert max(parts) - min(parts) <= 1


def test_only_open_units_of_the_order_can_be_allocated():
    order = an_order([100, 200, 300], covered=1)
    first, second, third = (unit.id for unit in order.units)
    assert [unit.id for unit in order.coverable([third, second])] == [third, second]
    for wanted in ([first], [second, second], [uuid4()], [], [second, uuid4()]):
        with pytest.raises(UnitsNotOpen):
            order.coverable(wanted)


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=5), st.integers(0, 250_000))
def test_several_credits_pay_an_amount_exactly_and_in_turn(left: list[int], amount: int):
    if amount > sum(left):
        with pytest.raises(AllocationExceeds):
            draw(left, amount)
        return
    taken = draw(left, amount)
    assert sum(taken) == amount
    assert all(0 <= part <= rest for part, rest in zip(taken, left, strict=True))
    last = max((position for position, part in enumerate(taken) if part), default=0)
    assert taken[:last] == left[:last]
