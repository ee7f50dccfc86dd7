from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orders.domain.money import Taxed
from orders.domain.order import Link, Order, OrderState, PaymentDiffers, contact_until, state_of
from orders.domain.repayment import Repayment, covered_by, explained
from orders.domain.unit import (
    FOLLOWS,
    NotCancellable,
    NotRefundable,
    NotShippable,
    Unit,
    cancellable,
    refundable,
    shippable,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
LINE, OTHER = uuid4(), uuid4()


def unit(line: UUID = LINE, gross: int = 100, fulfilment: str = "download", **facts: datetime) -> Unit:
    return Unit(uuid4(), line, Taxed(gross, 0, gross), fulfilment, **facts)


def order(*units: Unit) -> Order:
    gross = sum(unit.amount.gross for unit in units)
    return Order("kontor", uuid4(), gross, "EUR", NOW + 14 * DAY, 30 * DAY, NOW + 14 * DAY, units)


def repayment(amount: int) -> Repayment:
    return Repayment(uuid4(), amount, "EUR")


FACTS = ["paid_at", "delivered_at", "refunded_at", "cancelled_at"]


@given(st.permutations(FACTS), st.integers(0, 4))
def test_a_unit_ends_in_the_same_state_whatever_order_the_facts_come_in(facts: list[str], count: int):  # ORD-4
    known = facts[:count]
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
        if command == "pay":
            known = order(known).paid([known.id], NOW).units[0]
        elif command == "deliver":
            known = replace(known, delivered_at=NOW) if _allowed(shippable, known) else known
        elif command == "refund":
            known = replace(known, refunded_at=NOW) if _allowed(refundable, known) else known
        elif command == "cancel":
            known = replace(known, cancelled_at=NOW) if _allowed_to_cancel(known) else known
        assert known.state == before or known.state in FOLLOWS[before]


def _allowed(rule: Callable[[Sequence[Unit], Iterable[UUID]], list[Unit]], known: Unit) -> bool:
    try:
        return bool(rule([known], [known.id]))
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
    now = order(one, other, third).dated([one.id, other.id, uuid4()], "paid_at", later)
    assert now.units == (one, replace(other, paid_at=later), third)


def test_money_covers_a_unit_once():
    known = [unit(paid_at=NOW), unit(), unit(cancelled_at=NOW)]
    later = NOW + DAY
    paid = order(*known).paid([u.id for u in known] + [uuid4()], later)
    assert paid.units == (known[0], replace(known[1], paid_at=later), known[2])


def test_F_P10_only_the_orders_amount_and_currency_pay_it():
    open_ = order(unit(), unit(gross=50))
    assert [one.state for one in open_.paid_by(150, "EUR", NOW).units] == ["paid", "paid"]
    for amount, currency in ((149, "EUR"), (150, "USD")):
        with pytest.raises(PaymentDiffers):
            open_.paid_by(amount, currency, NOW)
    with pytest.raises(PaymentDiffers):
        open_.paid_in_part([open_.units[0].id], "USD", NOW)


def test_the_later_news_of_a_link_counts_in_whatever_order_it_arrives():
    known = replace(order(unit()), links=(Link(LINE, None, -1),))
    first, second = Link(LINE, NOW, 1), Link(LINE, NOW + DAY, 2)
    assert known.linked(first).linked(second).links == known.linked(second).linked(first).links == (second,)
    assert known.linked(Link(OTHER, NOW, 1)) == known


def test_F_P20_a_repayment_is_known_once_and_another_currency_is_for_staff():
    known = order(unit(paid_at=NOW))
    back = repayment(100)
    refunded = known.repaid(back, NOW)
    assert [one.state for one in refunded.units] == ["refunded"]
    assert refunded.repaid(back, NOW + DAY) == refunded
    foreign = replace(back, currency="USD")
    assert known.repaid(foreign, NOW) == replace(known, repayments=(foreign,))


def test_an_order_is_closed_when_nothing_is_left_to_happen_and_keeps_that_time():
    open_ = order(unit(paid_at=NOW))
    assert open_.concluded(NOW).closed_at is None
    closed = open_.dated([open_.units[0].id], "delivered_at", NOW).concluded(NOW)
    assert (closed.state, closed.closed_at, closed.contact_until) == ("delivered", NOW, NOW + 30 * DAY)
    assert closed.concluded(NOW + DAY) == closed


def test_F_P18_only_paid_units_go_back_and_only_once():
    paid, refunded = unit(paid_at=NOW), unit(paid_at=NOW, refunded_at=NOW)
    assert refundable([paid, refunded], [paid.id, paid.id]) == [paid]
    for wanted in ([refunded.id], [uuid4()], [paid.id, refunded.id], []):
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
    assert shippable([box, file], [box.id]) == [box]
    for wanted in (file, unit(fulfilment="boxed")):
        with pytest.raises(NotShippable):
            shippable([box, file, wanted], [wanted.id])


def test_the_customer_is_reachable_until_the_last_window_has_closed():
    links = [Link(LINE, NOW + 40 * DAY, 1), Link(OTHER, NOW + 30 * DAY, 1), Link(LINE, None, -1)]
    assert contact_until(NOW, links, NOW + 14 * DAY, 30 * DAY) == NOW + 40 * DAY
    assert contact_until(NOW, [], NOW + 14 * DAY, 30 * DAY) == NOW + 30 * DAY
    assert contact_until(NOW, [], NOW + 44 * DAY, 30 * DAY) == NOW + 44 * DAY
