"""What a mail server may answer, and what follows from it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from letters.domain.brand import Brand
from letters.domain.contents import delivered
from letters.domain.email import Email, State
from letters.domain.order import Order

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(days=2)
HOLD = timedelta(seconds=5)
FLOOD = timedelta(minutes=10)
"""How long an e-mail waits before it is looked again whether its customer may get one more."""

UNREADABLE_ADDRESS = 553
"""The code (RFC 5321: mailbox name not allowed) for an address that no server is asked about."""

LOCAL_ERROR = 451
"""The code (RFC 5321: local error in processing) for a letter that cannot be written for now."""


class NotRetryable(Exception):
    """Only an e-mail that has bounced can be sent again."""


class EmailUnknown(Exception):
    """There is no such e-mail."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The address from which e-mails are sent, and the domains for whose brands they may be sent too."""

    address: str
    domains: frozenset[str] = frozenset()

    @property
    def domain(self) -> str:
        """The part of it behind the @."""
        return self.address.rpartition("@")[2]

    def of(self, brand: Brand | None) -> str:
        """Return the address that a brand writes from: its own where we may send for its domain, or else ours."""
        own = brand.mail_from if brand else None
        return own if own and own.rpartition("@")[2] in self.domains else self.address

    def message_id(self, email_id: UUID) -> str:
        """Return the Message-ID of an e-mail (RFC 5322 3.6.4)."""
        return f"<{email_id}@{self.domain}>"


@dataclass(frozen=True, slots=True)
class Lease:
    """How long a claimed e-mail is kept from others, in real time."""

    duration: timedelta


class SmtpConnections(int):
    """How many e-mails are handed to the mail server at a time."""


class LettersPerHour(int):
    """How many e-mails one customer gets in an hour, whoever or whatever makes them due."""


class Verdict(StrEnum):
    """How an attempt ended: `refused` certainly did not reach the mailbox, `lost` may have.

    `key-unknown` counts as a refusal for now, so that it is seen, and given up after two days.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LOST = "lost"
    BOUNCED = "bounced"
    ERASED = "erased"
    HELD = "held"
    KEY_UNKNOWN = "key-unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an attempt: the server's code and answer without addresses; the sealed copy of the letter."""

    verdict: Verdict
    code: int = 0
    answer: str = ""
    sealed_copy: str | None = None

    @property
    def outcome(self) -> str:
        """The word under which it is counted."""
        return self.verdict.value

    @property
    def failed(self) -> bool:
        """Whether it did not end as it should: the letter may still be sent later."""
        return self.verdict not in {Verdict.ACCEPTED, Verdict.ERASED}


def returned_code(status: str) -> int:
    """Return the code for what came back with this status: 552 for a full mailbox, 550 otherwise (RFC 3463 3.3)."""
    return 552 if status.endswith(".2.2") else 550


def next_try(failures: int, first_failed_at: datetime, now: datetime) -> datetime | None:
    """Return when to try again after so many failures, twice as long each time; None after two days (F-M26)."""
    pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 20), LONGEST_PAUSE)
    return now + pause if now < first_failed_at + GIVE_UP_AFTER else None


def after_attempt(order: Order, email: Email, outcome: Outcome, now: datetime) -> Email:
    """Return the e-mail as it is after an attempt: ended, or to be tried again at `send_at`.

    What may have reached the server stays `sending`, so that a repeat is a repeat.
    """
    answer = outcome.code, outcome.answer
    lost = email.lost or outcome.verdict is Verdict.LOST
    open_state = State.SENDING if lost else State.WAITING
    match outcome.verdict:
        case Verdict.ACCEPTED:
            return email.ended(State.SENT, now, *answer, *delivered(order, email))
        case Verdict.ERASED:
            return email.ended(State.ERASED, now)
        case Verdict.BOUNCED:
            return email.ended(State.BOUNCED, now, *answer)
        case Verdict.HELD:
            return replace(email, state=open_state, send_at=now + HOLD)
        case _:
            failures, since = email.failures + 1, email.first_failed_at or now
            again = next_try(failures, since, now)
            if again is None:
                return email.ended(State.BOUNCED, now, *answer)
            code, text = answer
            return replace(
                email,
                state=open_state,
                send_at=again,
                lost=lost,
                failures=failures,
                first_failed_at=since,
                code=code,
                answer=text,
            )
