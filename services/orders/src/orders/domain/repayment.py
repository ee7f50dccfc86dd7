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


def explained(
    units: Sequence[Unit], new: Repayment, waiting: Sequence[Repayment]
) -> tuple[list[Repayment], list[Unit]]:
    """Return which repayments were for which units, now that a new one adds to those that wait.

    Together they may be for all that is left; else what the new one means alone comes before what all mean together.
    """
    together = [*waiting, new]
    tried = [together, [new]] if _sum(together) == _gross(_left(units)) else [[new], together]
    for repayments in tried:
        if meant := covered_by(units, _sum(repayments)):
            return repayments, meant
    return [], []


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
