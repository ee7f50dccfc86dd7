from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orders.domain.money import Taxed
from orders.domain.order import (
    FOLLOWS,
    NotCancellable,
    NotRefundable,
    NotShippable,
    OrderState,
    Repayment,
    Unit,
    cancellable,
    contact_until,
    covered_by,
    dated,
    explained,
    newly_paid,
    refundable,
    shippable,
    state_of,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LINE, OTHER = uuid4(), uuid4()


def unit(line: UUID = LINE, gross: int = 100, fulfilment: str = "download", **facts: datetime) -> Unit:
    return Unit(uuid4(), line, Taxed(gross, 0, gross), fulfilment, **facts)


def repayment(amount: int) -> Repayment:
    return Repayment(uuid4(), amount, "EUR")


FACTS = ["paid_at", "delivered_at", "refunded_at", "cancelled_at"]


@given(st.permutations(FACTS), st.integers(0, 4))
def test_a_unit_ends_in_the_same_state_whatever_order_the_facts_come_in(order: list[str], count: int):  # ORD-4
    known = order[:count]
    forward, backward = unit(), unit()
    for fact in known:
        forward = replace(forward, **{fact: NOW})
    for fact in reversed(known):
        backward = replace(backward, **{fact: NOW})
    assert forward.state == backward.state


@given(st.lists(st.sampled_from(["pay", "deliver", "refund", "cancel"]), max_size=6))
def test_commands_make_no_illegal_transition(commands: list[str]):  # ORD-4
    known = unit(fulfilment="boxed")
    for command in commands:
        before = known.state
        if command == "pay" and newly_paid([known], [known.unit]):
            known = replace(known, paid_at=NOW)
        elif command == "deliver":
            known = replace(known, delivered_at=NOW) if _allowed(shippable, known) else known
        elif command == "refund":
            known = replace(known, refunded_at=NOW) if _allowed(refundable, known) else known
        elif command == "cancel":
            known = replace(known, cancelled_at=NOW) if _allowed_to_cancel(known) else known
        assert known.state == before or known.state in FOLLOWS[before]


def _allowed(rule: object, known: Unit) -> bool:
    try:
        return bool(rule([known], [known.unit]))  # type: ignore[operator] -- a test gives what it likes
    except (NotRefundable, NotShippable):
        return False


def _allowed_to_cancel(known: Unit) -> bool:
    try:
        return bool(cancellable([known]))
    except NotCancellable:
        return False


@pytest.mark.parametrize(
    ("units", "state"),
    [
        ([unit()], OrderState.OPEN),
        ([unit(), unit(paid_at=NOW)], OrderState.PARTLY_PAID),
        ([unit(paid_at=NOW), unit(paid_at=NOW, delivered_at=NOW)], OrderState.PAID),
        ([unit(paid_at=NOW, delivered_at=NOW)], OrderState.DELIVERED),
        ([unit(paid_at=NOW), unit(refunded_at=NOW)], OrderState.PARTLY_REFUNDED),
        ([unit(paid_at=NOW, refunded_at=NOW)], OrderState.REFUNDED),
        ([unit(cancelled_at=NOW)], OrderState.CANCELLED),
        ([unit(cancelled_at=NOW), unit(paid_at=NOW)], OrderState.PAID),
        ([unit(cancelled_at=NOW), unit(refunded_at=NOW)], OrderState.REFUNDED),
    ],
)
def test_the_order_is_in_the_state_of_its_units(units: list[Unit], state: OrderState):
    assert state_of(units) is state


def test_a_fact_keeps_the_date_it_was_first_given():
    one, other, third = unit(paid_at=NOW), unit(), unit()
    later = NOW + timedelta(hours=1)
    now = dated([one, other, third], [one.unit, other.unit, uuid4()], "paid_at", later)
    assert now == [one, replace(other, paid_at=later), third]


def test_money_covers_a_unit_once():
    known = [unit(paid_at=NOW), unit(), unit(cancelled_at=NOW)]
    assert newly_paid(known, [u.unit for u in known] + [uuid4()]) == [known[1]]


def test_F_P18_only_paid_units_go_back_and_only_once():
    paid, refunded = unit(paid_at=NOW), unit(paid_at=NOW, refunded_at=NOW)
    assert refundable([paid, refunded], [paid.unit, paid.unit]) == [paid]
    for wanted in ([refunded.unit], [uuid4()], [paid.unit, refunded.unit], []):
        with pytest.raises(NotRefundable):
            refundable([paid, refunded], wanted)


def test_F_P20_a_providers_refund_means_everything_left_or_one_whole_line():
    units = [unit(), unit(), unit(OTHER, gross=50)]
    assert covered_by(units, 250) == units
    assert covered_by(units, 50) == [units[2]]
    assert covered_by(units, 200) == units[:2]
    assert covered_by(units, 100) == []


def test_a_refund_that_could_mean_either_of_two_lines_is_for_staff():
    assert covered_by([unit(gross=50), unit(OTHER, gross=50)], 50) == []


def test_what_alone_means_a_line_is_not_added_to_what_waits():
    units = [unit(gross=100), unit(OTHER, gross=70)]
    waiting, fresh = repayment(30), repayment(70)
    assert explained(units, fresh, [waiting]) == ([fresh], [units[1]])


def test_F_P20_what_adds_up_to_all_that_is_left_is_explained_together_though_one_would_mean_a_line():
    units = [unit(), unit(), unit(OTHER, gross=50)]
    waiting, fresh = repayment(200), repayment(50)
    assert explained(units, fresh, [waiting]) == ([waiting, fresh], units)


def test_what_adds_up_to_no_line_explains_nothing():
    assert explained([unit(), unit()], repayment(60), [repayment(40)]) == ([], [])


def test_only_what_is_unpaid_is_cancelled():
    open_, paid, gone = unit(), unit(paid_at=NOW), unit(paid_at=NOW, refunded_at=NOW)
    assert cancellable([open_, paid, gone, unit(cancelled_at=NOW)]) == [open_]
    with pytest.raises(NotCancellable):
        cancellable([paid, gone, unit(cancelled_at=NOW), unit(refunded_at=NOW)])


def test_only_paid_boxes_are_shipped():  # ORD-12
    box, file = unit(fulfilment="boxed", paid_at=NOW), unit(paid_at=NOW)
    assert shippable([box, file], [box.unit]) == [box]
    for wanted in (file, unit(fulfilment="boxed")):
        with pytest.raises(NotShippable):
            shippable([box, file, wanted], [wanted.unit])


def test_the_customer_is_reachable_until_the_last_window_has_closed():
    day = timedelta(days=1)
    assert contact_until(NOW, [NOW + 40 * day, NOW + 30 * day], NOW + 14 * day, 30 * day) == NOW + 40 * day
    assert contact_until(NOW, [], NOW + 14 * day, 30 * day) == NOW + 30 * day
    assert contact_until(NOW, [], NOW + 44 * day, 30 * day) == NOW + 44 * day
