"""Reports to those whose messages did not arrive; they name aliases only (MAIL-14, F-M10)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mail_relay.domain.alias import Side

GIVE_UP_AFTER = timedelta(days=2)
PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Report:
    """A claimed report about a message that did not arrive, to `side`, who wrote it; `status` is why (RFC 3463)."""

    tenant: str
    id: UUID
    side: Side
    status: str
    created_at: datetime
    email_box: str | None
    reached: str | None
    alias: str
    original_id_box: str | None
    traceparent: str | None

    def again_at(self, now: datetime) -> datetime | None:
        """Return when to try again; None once nobody waits for it any more."""
        return now + PAUSE if now < self.created_at + GIVE_UP_AFTER else None
