"""Attempts to write that failed: the envelope is kept, and of a writer who is certain, the content (MAIL-6, F-M22)."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from mail_relay.domain.admission import Reason

# Its writer is certainly of the conversation, so that it belongs to the case, and it will not come again.
CONTENT_KEPT = {Reason.NOT_WRITABLE, Reason.ATTACHMENT, Reason.DIRECT}
MOST_CONTENTS_A_DAY = 10
MOST_A_DAY = 20
"""So many refusals of a side for one reason are kept: whoever goes on fills no table."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who was there: the client's address and greeting, and the envelope sender; all of it anybody's claim."""

    peer: str = ""
    greeting: str = ""
    sender: str = ""

    @classmethod
    def read(cls, text: str) -> "Envelope":
        """Return what was sealed."""
        return cls(**json.loads(text))

    def text(self) -> str:
        """Return it as it is sealed."""
        return json.dumps({name: value[:500] for name, value in asdict(self).items()})


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message that is not taken; `size` is what was announced where nothing came."""

    reason: Reason
    size: int
    envelope: Envelope
    content: bytes | None = None

    def is_kept(self, recipients: int) -> bool:
        """Return whether its content is kept: of several recipients it is not certain for which one it was judged."""
        return self.content is not None and recipients == 1 and self.reason in CONTENT_KEPT


@dataclass(frozen=True, slots=True)
class Stored:
    """The content of a refused message as it was stored: its key and hash."""

    key: str
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that was not taken: its envelope, and the key of a content that is kept, sealed for reviewers.

    `more` of the same kind were counted only.
    """

    id: UUID
    side: str
    reason: str
    size: int
    refused_at: datetime
    envelope_box: str | None
    content_hash: bytes | None
    records_key_box: str | None
    more: int = 0
