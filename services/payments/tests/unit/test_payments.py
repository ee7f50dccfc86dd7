"""A payment's state follows from its facts (PAY-2 F-P08)."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from contracts.currencies import TRANSFERRED
from hypothesis import given
from hypothesis import strategies as st
from payments.domain import statements
from payments.domain.payments import Payment, Reason, State, objection
from payments.domain.refunds import allowed

from .test_statements import an_order

NOW = datetime(2026, 11, 2, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "session_id": "cs_1",
    "authorized_at": NOW,
    "expired_at": NOW,
    "failed_at": NOW,
    "captured_at": NOW,
}
STRENGTH = [State.OPENING, State.OPEN, State.AUTHORIZED, State.EXPIRED, State.FAILED, State.CAPTURED]


def a_payment(**facts: Any) -> Payment:
    return Payment("kontor", uuid4(), uuid4(), 100, "EUR", **facts)


@pytest.mark.parametrize("facts", list(permutations(FACTS)))
def test_no_later_fact_takes_a_payment_back(facts: tuple[str, ...]):
    payment, before = a_payment(), 0
    for fact in facts:
        payment = replace(payment, **{fact: FACTS[fact]})
        assert STRENGTH.index(payment.state) >= before
        before = STRENGTH.index(payment.state)
    assert payment.state is State.CAPTURED


@pytest.mark.parametrize(
    ("amount", "currency", "cancelled", "otherwise", "reason"),
    [
        (100, "EUR", False, False, None),
        (99, "EUR", False, False, Reason.AMOUNT_DIFFERS),
        (100, "USD", True, True, Reason.AMOUNT_DIFFERS),
        (100, "EUR", True, True, Reason.ORDER_CANCELLED),
        (100, "EUR", False, True, Reason.PAID_TWICE),
    ],
)
def test_F_P10_only_the_orders_own_amount_pays_it_once(
    amount: int, currency: str, cancelled: bool, otherwise: bool, reason: Reason | None
):
    order = an_order([100], cancelled=cancelled)
    payment = a_payment(captured_at=NOW, captured_amount=amount, captured_currency=currency)
    assert objection(order, payment, paid_otherwise=otherwise) is reason


@given(st.integers(0, 10_000), st.lists(st.integers(1, 10_000)))
def test_F_P18_never_more_goes_back_than_came_in(received: int, amounts: list[int]):
    taken = 0
    for amount in amounts:
        if allowed(amount, "EUR", received, "EUR", taken):
            taken += amount
    assert taken <= received
    assert not allowed(1, "USD", 100, "EUR", 0)


def test_statements_are_read_in_the_currency_in_which_transfers_are_asked_for():  # PAY-6
    assert statements.CURRENCY == TRANSFERRED
