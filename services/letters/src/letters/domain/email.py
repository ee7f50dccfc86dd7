"""An e-mail as it is recorded."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

HISTORY = 0
"""The sequence of an e-mail that was never sent: whatever happened before EFFECTS_SINCE counts as carried by it."""


class Kind(StrEnum):
    """What an e-mail is for."""

    ACKNOWLEDGEMENT = "acknowledgement"
    DELIVERY = "delivery"
    REFUND = "refund"
    EXTENSION = "extension"
    CANCELLATION = "cancellation"


class State(StrEnum):
    """The state of an e-mail; while `sending`, an attempt may have reached the server and the letter is fixed."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    BOUNCED = "bounced"
    ERASED = "erased"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail of an order, of whose e-mails it is number `sequence`; `repayment_id` is what a refund notice is about.

    `lost` where an attempt may have reached the server; `code` and `answer` are the server's last ones; `unit_ids` are
    the units that it has delivered.
    """

    id: UUID
    order_id: UUID
    kind: Kind
    sequence: int
    state: State
    created_at: datetime
    send_at: datetime
    repayment_id: UUID | None = None
    message_id: str = ""
    traceparent: str | None = None
    attempts: int = 0
    lost: bool = False
    failures: int = 0
    first_failed_at: datetime | None = None
    settled_at: datetime | None = None
    code: int | None = None
    answer: str | None = None
    unit_ids: tuple[UUID, ...] = ()

    def ended(
        self, state: State, now: datetime, code: int | None = None, answer: str | None = None, *unit_ids: UUID
    ) -> "Email":
        """Return it as it ended: tried no more, with the server's code and answer and the units it has delivered."""
        return replace(self, state=state, settled_at=now, code=code, answer=answer, unit_ids=unit_ids)
