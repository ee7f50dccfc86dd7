"""Legal holds: while there is one, nothing of a conversation is removed or made unreadable for reviewers (MAIL-19)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Ground(StrEnum):
    """What a conversation is held for: a reviewer's purpose, or a claim, whose id is then that of the hold."""

    REVIEW = "review"
    CLAIM = "claim"


class HoldUnknown(Exception):
    """There is no such hold, or it was released before."""


@dataclass(frozen=True, slots=True)
class LegalHold:
    """A hold of a conversation."""

    id: UUID
    ground: Ground
    placed_at: datetime
    released_at: datetime | None
