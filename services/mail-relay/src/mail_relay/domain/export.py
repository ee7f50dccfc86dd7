"""Exports: what leaves the suite of a conversation is asked for by one reviewer and released by another (MAIL-7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

WAITS_FOR = timedelta(days=1)
GOOD_FOR = timedelta(hours=1)


class Form(StrEnum):
    """What an export is: a mailbox for mail programs, paper, or all that is kept with what verifies it."""

    MBOX = "mbox"
    PDF = "pdf"
    ARCHIVE = "archive"


class ExportState(StrEnum):
    """How far an export is."""

    ASKED = "asked"
    RELEASED = "released"
    FETCHED = "fetched"
    EXPIRED = "expired"


class ExportUnknown(Exception):
    """There is no such export."""


class OwnExport(Exception):
    """An export is released by somebody else than who asked for it."""


class ForeignExport(Exception):
    """An export is fetched by who asked for it."""


class ExportNotOpen(Exception):
    """This export was released or fetched before, or its time is over."""


class ExportNotReleased(Exception):
    """Another reviewer has to release this export first."""


@dataclass(frozen=True, slots=True)
class Export:
    """An export that somebody has asked for; it waits a day for its release, and is good for an hour then."""

    tenant: str
    id: UUID
    conversation_id: UUID
    form: Form
    language: str
    why: str
    asked_by: str
    asked_at: datetime
    released_by: str | None
    released_at: datetime | None
    fetched_at: datetime | None

    @property
    def expires_at(self) -> datetime:
        """When its time is over."""
        return self.asked_at + WAITS_FOR if self.released_at is None else self.released_at + GOOD_FOR

    def state(self, now: datetime) -> ExportState:
        """Return how far it is."""
        if self.fetched_at is not None:
            return ExportState.FETCHED
        if now >= self.expires_at:
            return ExportState.EXPIRED
        return ExportState.ASKED if self.released_at is None else ExportState.RELEASED

    def check_release(self, by: str, now: datetime) -> None:
        """Raise OwnExport, ExportNotOpen where it is not to be released by this person now."""
        if by == self.asked_by:
            raise OwnExport
        if self.state(now) is not ExportState.ASKED:
            raise ExportNotOpen

    def check_fetch(self, by: str, now: datetime) -> None:
        """Raise ForeignExport, ExportNotReleased, ExportNotOpen where it is not to be fetched by this person now."""
        if by != self.asked_by:
            raise ForeignExport
        state = self.state(now)
        if state is ExportState.ASKED:
            raise ExportNotReleased
        if state is not ExportState.RELEASED:
            raise ExportNotOpen
