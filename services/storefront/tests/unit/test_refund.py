"""Refunds as their customers read them."""

from typing import Any

import pytest
from storefront.domain.refund import followed

UNIT = "01a22930-b59c-76d6-8364-6cc83dd69b65"
REFUND = {"refund": "r", "units": [UNIT], "reason": "withdrawal", "amount": 4999, "refunded_at": "2026-11-30T10:00:00Z"}


def withdrawn(outcome: str) -> dict[str, Any]:
    line = {"line": "l", "name": "n", "units": [UNIT], "outcome": outcome}
    return {"withdrawal": "w", "declared_at": "2026-11-20T10:00:00Z", "state": "decided", "lines": [line]}


def booking(state: str, way: str = "transfer", done_at: str | None = None) -> dict[str, Any]:
    return {"booking": "r", "state": state, "way": way, "done_at": done_at}


@pytest.mark.parametrize(("outcome", "day"), [("taken_back", "2026-12-04"), ("returning", "2026-12-14")])
def test_money_that_is_to_be_transferred_is_due_14_days_after_the_withdrawal_or_the_return(outcome: str, day: str):
    (one,) = followed([REFUND], [booking("payout")], [withdrawn(outcome)])
    assert (one["coming"], one["back_at"], one["due_at"][:10]) == ("transfer", None, day)


def test_other_reasons_set_no_day_and_cards_are_named():
    (one,) = followed([{**REFUND, "reason": "goodwill"}], [booking("asked", "card")], [])
    assert (one["coming"], one["due_at"]) == ("card", None)


def test_money_that_is_back_is_not_coming_and_neither_is_what_nobody_knows_of():
    (one,) = followed([REFUND], [booking("done", done_at="2026-12-01T08:00:00Z")], [withdrawn("taken_back")])
    assert (one["coming"], one["back_at"]) == ("", "2026-12-01T08:00:00Z")
    (one,) = followed([REFUND], [], [])
    assert (one["coming"], one["back_at"], one["due_at"]) == ("", None, None)
