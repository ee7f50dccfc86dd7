"""What a provider paid back by itself, and which units it was for (F-P20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orders.domain.unit import Unit, UnitState


class RepaymentUnknown(Exception):
    """Of this order there is no such repayment."""


class RepaymentExplained(Exception):
    """It is known already which units this repayment was for."""


class RepaymentDiffers(Exception):
    """The amount or currency of the repayment is not that of these units."""


@dataclass(frozen=True, slots=True)
class Repayment:
    """What a provider paid back by itself, in minor units; `unit_ids` are empty until it is known what it was for."""

    id: UUID
    amount: int
    currency: str
    unit_ids: tuple[UUID, ...] = ()


def covered_by(units: Sequence[Unit], amount: int) -> list[Unit]:
    """Return the units that a refund of this amount must mean: all that are left, or one whole line; else none."""
    left = _left(units)
    if _gross(left) == amount:
        return left
    by_line = [[unit for unit in left if unit.line_id == line] for line in dict.fromkeys(unit.line_id for unit in left)]
    fitting = [chosen for chosen in by_line if _gross(chosen) == amount]
    return fitting[0] if len(fitting) == 1 else []


def explained(self, repayments: Sequence[Repayment], units: Sequence[Unit], at: datetime) -> "Order":
        """Return the order with these units refunded, for which these repayments were."""
        ids, unit_ids = {repayment.id for repayment in repayments}, tuple(unit.id for unit in units)
        known = tuple(replace(one, unit_ids=unit_ids) if one.id in ids else one for one in self.repayments)
        return replace(self.dated(unit_ids, "refunded_at", at), repayments=known)

    def concluded(self, now: datetime) -> "Order":
        """Return the order with the state that follows from its units, closed when nothing is left to happen.

        From then on the customer may have to be reached until the latest of link, withdrawal and claim windows.
        """
        state = state_of(self.units)
        closed_at, until = self.closed_at, self.contact_until
        if not any(unit.outstanding for unit in self.units):
            closed_at = closed_at or now
            if state is OrderState.CANCELLED:
                until = closed_at
            else:
                until = contact_until(closed_at, self.links, self.withdrawal_end, self.claim_window)
        return replace(self, state=state, closed_at=closed_at, contact_until=until)


def check_explains(repayment: Repayment, units: Sequence[Unit], currency: str) -> None:
    """Raise RepaymentDiffers unless a repayment is exactly what these units cost."""
    if (repayment.amount, repayment.currency) != (_gross(units), currency):
        raise RepaymentDiffers


def _left(units: Sequence[Unit]) -> list[Unit]:
    return [unit for unit in units if unit.state is not UnitState.REFUNDED and unit.cancelled_at is None]


def _gross(units: Sequence[Unit]) -> int:
    return sum(unit.amount.gross for unit in units)


def _sum(repayments: Sequence[Repayment]) -> int:
    return sum(repayment.amount for repayment in repayments)
