"""What clients see of withdrawals."""

from datetime import datetime
from uuid import UUID

from chassis.web import View


class ReceivedView(View):
    """A declaration has arrived; its receipt is mailed at once."""

    withdrawal: UUID


class WithdrawnView(View):
    """Units of a line with what follows for them: taken_back, returning, ended, or declined: waived, late, business."""

    line: UUID
    name: str
    units: list[UUID]
    outcome: str


class WithdrawalView(View):
    """A declaration: `received`, `unmatched` where it fits no order, or `decided` with its lines."""

    withdrawal: UUID
    order: UUID | None
    number: str
    channel: str
    declared_at: datetime
    state: str
    lines: list[WithdrawnView]


class DeclaredView(WithdrawalView):
    """The same for staff: whether it waits for them, and what came of it once somebody has dealt with it."""

    waiting: bool
    done_at: datetime | None
    note: str | None


class DeclarantView(View):
    """Who has declared; null once they are erased."""

    withdrawal: UUID
    name: str | None
    email: str | None
