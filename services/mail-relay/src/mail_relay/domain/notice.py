"""Notices: the relay's own letters in plain words to one side of a conversation (MAIL-14)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mail_relay.domain.alias import Side

GIVE_UP_AFTER = timedelta(days=5)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=2)
GERMAN = {"DE", "AT", "LI", "CH"}

Detail = str | int | list[str]


@dataclass(frozen=True, slots=True)
class Notice:
    """A claimed notice: `side` is written to about something of `kind`, from the desk of the conversation.

    `about` are the facts that its text names, none of them personal; those whose names end in `_at` are times (ISO
    8601). By `desk` and `other` the side writes to the reviewers and to the other side. It answers the message with the
    id `message_id`, if any, that the side wrote or got; `original_id_box` is how its writer's program knows that.
    """

    tenant: str
    id: UUID
    conversation_id: UUID
    side: Side
    kind: str
    about: Mapping[str, Detail]
    created_at: datetime
    failures: int
    language: str
    country: str | None
    order_number: str | None
    seller: str
    email_box: str | None
    reached: str | None
    desk: str
    other: str
    message_id: str | None
    written_by: Side | None
    original_id_box: str | None
    traceparent: str | None

    @property
    def in_language(self) -> str:
        """The buyer's language, or that of the seller's country."""
        if self.side is Side.BUYER:
            return self.language
        return "de" if self.country in GERMAN else "en"

    def again_at(self, now: datetime) -> datetime | None:
        """Return when to try again, twice as long each time; None once nobody waits for it any more."""
        pause = min(FIRST_PAUSE * 2 ** min(self.failures, 20), LONGEST_PAUSE)
        return now + pause if now < self.created_at + GIVE_UP_AFTER else None
