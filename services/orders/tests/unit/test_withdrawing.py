"""What follows from a declaration, unit by unit. ORD-8"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from orders.domain.money import Taxed
from orders.domain.order import Order
from orders.domain.unit import Unit
from orders.domain.withdrawing import LineUnknown, Outcome, decide, fits, outcome_of

DAY = timedelta(days=1)
BEGAN = datetime(2026, 11, 2, 9, tzinfo=UTC)
END = BEGAN + 15 * DAY


def order(*units: Unit, **changes: Any) -> Order:
    facts: dict[str, Any] = {"claim_window": 30 * DAY, "lapses_at": END, "units": units, "withdrawal_end": END}
    return Order(tenant="kontor", id=uuid4(), gross=100, currency="EUR", **(facts | changes))


def unit(fulfilment: str = "download", **dates: Any) -> Unit:
    return Unit(uuid4(), uuid4(), Taxed(84, 16, 100), fulfilment, **({"paid_at": BEGAN} | dates))


@pytest.mark.parametrize(
    ("one", "confirmed", "at", "outcome"),
    [
        (unit(), None, DAY, "taken_back"),
        (unit(paid_at=None), None, DAY, "taken_back"),
        (unit(), BEGAN, DAY, "taken_back"),  # consent alone loses nothing
        (unit(delivered_at=BEGAN), None, DAY, "taken_back"),  # nor delivery without confirmed statements
        (unit(delivered_at=BEGAN), BEGAN, DAY, "waived"),
        (unit(delivered_at=BEGAN), BEGAN, 30 * DAY, "waived"),
        (unit(delivered_at=BEGAN + 2 * DAY), BEGAN + 2 * DAY, DAY, "taken_back"),  # declared before it was lost
        (unit(delivered_at=BEGAN), None, 15 * DAY - timedelta(seconds=1), "taken_back"),
        (unit(delivered_at=BEGAN), None, 15 * DAY, "late"),
        (unit(refunded_at=BEGAN), None, DAY, "ended"),
        (unit(paid_at=None, cancelled_at=BEGAN), None, DAY, "ended"),
        (unit("boxed"), BEGAN, 20 * DAY, "taken_back"),  # not posted yet: the period has not begun
        (unit("boxed", delivered_at=BEGAN), BEGAN, 27 * DAY, "returning"),
        (unit("boxed", delivered_at=BEGAN), BEGAN, 28 * DAY, "late"),
    ],
)
def test_a_unit_is_taken_back_or_declined_with_the_reason(
    one: Unit, confirmed: datetime | None, at: timedelta, outcome: str
):
    of = order(one, confirmed_at=confirmed)
    assert outcome_of(of, one, BEGAN + at, business=False) == outcome
    assert outcome_of(of, one, BEGAN + at, business=True) == "business"


def test_units_of_a_line_are_gathered_by_outcome_and_no_foreign_line_is_decided():
    line = uuid4()
    units = [Unit(uuid4(), line, Taxed(84, 16, 100), "download", paid_at=BEGAN) for _ in range(3)]
    gone = units[0].__class__(uuid4(), line, Taxed(84, 16, 100), "download", paid_at=BEGAN, refunded_at=BEGAN)
    decided = decide(order(*units, gone), [line, line], BEGAN, business=False)
    assert [(one.outcome, len(one.units)) for one in decided] == [
        (Outcome.TAKEN_BACK, 3),
        (Outcome.ENDED, 1),
    ]
    with pytest.raises(LineUnknown):
        decide(order(*units), [uuid4()], BEGAN, business=False)


@pytest.mark.parametrize(
    ("name", "email", "fitting"),
    [
        ("erika  MUSTERFRAU ", "e@example.org", True),
        ("Erika Muster", "e@example.org", False),
        ("Erika Musterfrau", "f@example.org", False),
    ],
)
def test_names_are_compared_as_people_type_them(name: str, email: str, fitting: bool):
    assert fits(name, email, "Erika Musterfrau", "e@example.org") is fitting


def test_an_erased_customer_fits_nobody():
    assert not fits("ERASED", "e@example.org", None, "e@example.org")
