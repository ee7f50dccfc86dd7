"""What the rewriting of a message is told, and what it reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why a message cannot be rewritten, and so is refused."""

    NO_AUTHOR = "no-author"
    SEVERAL_AUTHORS = "several-authors"
    ENCRYPTED = "encrypted"
    """What nobody can read, nobody can keep free of addresses, and no reviewer can judge."""
    REPORT = "report"
    """A report of delivery or disposition is read and answered by us (F-M09, F-M10), never handed on."""
    INCOMPLETE = "incomplete"
    """A message in several messages (message/partial), or one whose contents lie elsewhere (message/external-body)."""
    LONG_FIELD = "long-field"
    TOO_DEEP = "too-deep"
    TOO_MANY_PARTS = "too-many-parts"


class Refused(Exception):
    """The message is not rewritten, for this reason."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Way:
    """Who writes to whom, and what the receiver may see of it.

    `hidden` are all addresses of the sender's mailbox in all spellings, an `@` with a domain being all of that domain;
    who stands in From is hidden by that. `hidden_names` are the names that the sender's mail programs show, `alias` and
    `name` what the receiver sees instead. `written_to` is the alias that the sender wrote to, `receiver` the real
    address behind it. `aliases` are the further members of the conversation: real address -> alias. `known_ids` leads
    from the Message-IDs that the sender's side knows to those of the receiver's side, all with their angle brackets.
    `accepted_at` stands for a date that the message lacks. By `unsubscribe`, an address and a URL of ours, the receiver
    opts out (F-M30).
    """

    hidden: tuple[str, ...]
    alias: str
    name: str
    written_to: str
    receiver: str
    message_id: str
    accepted_at: datetime
    unsubscribe: tuple[str, str] | None = None
    hidden_names: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    known_ids: Mapping[str, str] = field(default_factory=dict[str, str])


class Kind(StrEnum):
    """What was done to something in a message."""

    REPLACED = "replaced"
    """An address or a name of the hidden side in a quote, a signature or what nobody reads (MAIL-5)."""
    OWN = "own"
    """An address that the author has written in his own sentence: left as it is, for the policy to judge."""
    TAKEN_OUT = "taken-out"
    """A part of the message, by the table of treatments."""
    REMOTE = "remote"
    """What a program would have fetched from elsewhere while it shows a page."""
    LEFT_OFF = "left-off"
    """The address of somebody outside of the conversation, in To or Cc (F-M14)."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was replaced, taken out or noticed, and where: a header field or the number of a part."""

    kind: Kind
    what: str
    place: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A message as the receiver gets it, 7-bit with CRLF, and what became of what was in it."""

    raw: bytes
    changes: tuple[Change, ...]

    def of(self, kind: Kind) -> list[str]:
        """Return what was treated in this way, each once."""
        return list(dict.fromkeys(change.what for change in self.changes if change.kind is kind))
