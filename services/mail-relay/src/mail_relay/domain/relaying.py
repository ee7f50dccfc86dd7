"""Relaying a kept message to the other side: what is known of it, and what follows from the next server's answer."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from mail_relay.domain.alias import Side
from mail_relay.domain.message import State

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(days=2)
HOLD = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Lease:
    """How long a claimed message is kept from others, in real time."""

    duration: timedelta


class SmtpConnections(int):
    """How many messages are handed to the next server at a time."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A seller's legal name, and where it is written to."""

    legal_name: str
    email: str | None


@dataclass(frozen=True, slots=True)
class ThreadId:
    """A message of the conversation: the id under which the other side knows it, and its writer's own, sealed."""

    side: Side
    message_id: str
    original: str


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed message, with all that rewriting it needs but its content; of a seller's, who writes or wrote there."""

    tenant: str
    id: UUID
    conversation_id: UUID
    side: Side
    number: int
    received_at: datetime
    contact_key_box: str | None
    message_id: str
    lost: bool
    failures: int
    first_failed_at: datetime | None
    traceparent: str | None
    seller: str
    name_box: str | None
    email_box: str | None
    language: str
    order_number: str | None
    reached: Reached | None
    aliases: Mapping[Side, str]
    thread: Sequence[ThreadId] | None
    opt_out: bool = True
    writers: Sequence[str] = ()


class Verdict(StrEnum):
    """How an attempt ended: `refused` certainly did not reach the mailbox, `lost` may have, `held` was not tried."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LOST = "lost"
    BOUNCED = "bounced"
    ERASED = "erased"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an attempt: the server's code and answer without addresses."""

    verdict: Verdict
    code: int = 0
    answer: str = ""

    @property
    def outcome(self) -> str:
        """The word under which it is counted."""
        return self.verdict.value

    @property
    def failed(self) -> bool:
        """Whether it did not end as it should."""
        return self.verdict not in {Verdict.ACCEPTED, Verdict.ERASED}


def after_refusal(task: Task, now: datetime) -> tuple[State, datetime]:
    """Return what becomes of a message that was refused for now: tried again, twice as long each time, for two days."""
    first = task.first_failed_at or now
    if now >= first + GIVE_UP_AFTER:
        return State.BOUNCED, now
    return State.WAITING, now + min(FIRST_PAUSE * 2 ** min(task.failures, 20), LONGEST_PAUSE)


def may_be_named(task: Task, named: Collection[str]) -> list[ThreadId]:
    """Return the messages of a thread that a message with these ids may refer to: the writer's own are sealed."""
    return [one for one in task.thread or () if named and (one.side is task.side or one.message_id in named)]


def shown_ids(task: Task, named: Collection[str], opened: Callable[[str], str]) -> dict[str, str]:
    """Return which id each message that is named has for the reader, by the id that it has for the writer.

    `opened` opens the box of an id that a writer's program gave: that takes its time, and so it is asked for no more
    than it takes. Who wrote a message knows it by the id that the own program gave it; who got it knows it by ours.
    """
    found: dict[str, str] = {}
    for one in may_be_named(task, named):
        if len(found) == len(named):
            break
        if one.side is not task.side:
            found[one.message_id] = opened(one.original)
        elif (original := opened(one.original)) in named:
            found.setdefault(original, one.message_id)
    return found


# Neither their name nor their address is shown: who it is the seller knows from the order.
BUYERS = {"de": "Kunde", "en": "Customer"}


def shown_name(task: Task) -> str:
    """Return the name under which the other side sees the writer of a message."""
    if task.side is Side.SELLER:
        return task.reached.legal_name if task.reached else task.seller
    name = BUYERS.get(task.language, BUYERS["en"])
    return f"{name} {task.order_number}" if task.order_number else name
