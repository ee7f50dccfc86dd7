"""What follows from a consumer's declaration to withdraw, unit by unit (BGB 355, 356, 356a; ORD-8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from orders.domain.order import Order
from orders.domain.unit import Unit, UnitState

# of boxed goods the period begins with receipt, which nobody tells us: a parcel takes up to 14 days to arrive
SINCE_POSTED = timedelta(days=28)


class Outcome(StrEnum):
    """What follows for units of a declaration; `late`, `waived` and `business` are reasons why nothing does."""

    TAKEN_BACK = "taken_back"
    RETURNING = "returning"
    ENDED = "ended"
    WAIVED = "waived"
    LATE = "late"
    BUSINESS = "business"


class TooManyDeclarations(Exception):
    """So many declarations name this e-mail address that no more are taken for now; try again later."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.facts = {"retry_after_seconds": seconds}


class WithdrawalUnknown(Exception):
    """There is no such declaration."""


class NothingWaiting(Exception):
    """Nothing of this declaration waits for staff, or somebody has dealt with it already."""


class LineUnknown(Exception):
    """These are not lines of this order."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Units of a line that have the same outcome."""

    line_id: UUID
    units: tuple[Unit, ...]
    outcome: Outcome


def outcome_of(order: Order, unit: Unit, at: datetime, *, business: bool) -> Outcome:
    """Return what follows for a unit from a declaration of that moment.

    A download from which the right is lost is `waived`: it was delivered on both statements, which an accepted e-mail
    has confirmed. What was posted is refunded once it has been sent back.
    """
    if business:
        return Outcome.BUSINESS
    if unit.state in (UnitState.REFUNDED, UnitState.CANCELLED):
        return Outcome.ENDED
    if unit.fulfilment == "boxed":
        if unit.delivered_at is None:
            return Outcome.TAKEN_BACK
        ended = at >= max(order.withdrawal_end, unit.delivered_at + SINCE_POSTED)
        return Outcome.LATE if ended else Outcome.RETURNING
    lost_at = order.withdrawal_lost_at(unit)
    if lost_at is not None and lost_at <= at:
        return Outcome.WAIVED
    return Outcome.LATE if at >= order.withdrawal_end else Outcome.TAKEN_BACK


def decide(order: Order, line_ids: Iterable[UUID], at: datetime, *, business: bool) -> list[Decided]:
    """Return what follows for these lines, in their order, the units of each gathered by outcome.

    Raises LineUnknown.
    """
    decided: list[Decided] = []
    for line_id in dict.fromkeys(line_ids):
        by_outcome: dict[Outcome, list[Unit]] = {}
        for unit in order.units:
            if unit.line_id == line_id:
                by_outcome.setdefault(outcome_of(order, unit, at, business=business), []).append(unit)
        if not by_outcome:
            raise LineUnknown
        decided += [Decided(line_id, tuple(units), outcome) for outcome, units in by_outcome.items()]
    return decided


def fits(name: str, email: str, known_name: object, known_email: object) -> bool:
    """Return whether a declaration's name and e-mail address, as they are compared, are those of an order."""
    return _plain(name) == _plain(known_name) and email == known_email


def _plain(name: object) -> str | None:
    return " ".join(name.casefold().split()) if isinstance(name, str) else None
