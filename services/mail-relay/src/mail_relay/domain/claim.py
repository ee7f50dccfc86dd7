"""Claims: what a buyer wants decided about an order, in phases with clocks, a decision and an appeal (MAIL-8)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from mail_relay.domain.alias import Side
from mail_relay.domain.policy.clock import Clock, ends_at


class ClaimUnknown(Exception):
    """There is no such claim."""


class ContactFirst(Exception):
    """A claim begins with an attempt to agree: the buyer has not written to the seller about the order (K9)."""


class TooEarly(Exception):
    """The seller still has time to help; a claim is taken from `opens_at` on."""

    def __init__(self, opens_at: datetime) -> None:
        super().__init__()
        self.opens_at = opens_at


class AlreadyOpen(Exception):
    """A claim about this order is open."""


class NothingToClaim(Exception):
    """There is no order, or all that is named of it has been decided about before."""


class NotDecidable(Exception):
    """The seller may still make a statement, or this claim is decided."""


class NotAppealable(Exception):
    """Only who lost can appeal, once, and in time."""


class SameReviewer(Exception):
    """An appeal is decided by another reviewer than the one who has decided before."""


class Reason(StrEnum):
    """Why a buyer wants a decision."""

    NOT_RECEIVED = "not_received"
    NOT_AS_DESCRIBED = "not_as_described"
    DOES_NOT_RUN = "does_not_run"
    OTHER = "other"


class State(StrEnum):
    """What has become of a claim: while `open` the seller may make a statement, a `decided` one can be appealed.

    In `review` and `appealed` a reviewer decides; `final` and `withdrawn` end it.
    """

    OPEN = "open"
    REVIEW = "review"
    DECIDED = "decided"
    APPEALED = "appealed"
    FINAL = "final"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """For whom a claim is decided."""

    FOR_BUYER = "for_buyer"
    FOR_SELLER = "for_seller"


class Grounds(StrEnum):
    """Why it was decided so. No free text, for that would name people."""

    SILENCE = "silence"
    AGREED = "agreed"
    SHOWN_BY_BUYER = "shown_by_buyer"
    SHOWN_BY_SELLER = "shown_by_seller"
    NOT_SHOWN = "not_shown"


@dataclass(frozen=True, slots=True)
class Terms:
    """A tenant's clocks: how long each phase lasts, and whether Saturdays and Sundays count.

    `contact` is how long a seller has to help before a claim is taken, `answer` how long it may take to answer before
    that counts as late (MAIL-9).
    """

    contact: timedelta = timedelta(hours=48)
    statement: timedelta = timedelta(hours=72)
    appeal: timedelta = timedelta(hours=120)
    answer: timedelta = timedelta(hours=24)
    weekends_count: bool = False

    @property
    def clock(self) -> Clock:
        """By when an answer is due."""
        return Clock(self.answer, self.weekends_count)

    def opens_at(self, written_at: datetime) -> datetime:
        """Return from when on a claim is taken of a buyer who has written to the seller at this time."""
        return ends_at(written_at, self.contact, self.clock)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim about units of an order. Each fact that is published of it has a higher `revision`.

    `terms` are those of when it was opened. At `due_at` the clock decides, None while it does not run. `granted` are
    the units that go back; `decided_by` is a reviewer's id, None where the clock has decided.
    """

    tenant: str
    id: UUID
    conversation_id: UUID
    order_id: UUID
    seller: str
    unit_ids: tuple[UUID, ...]
    reason: Reason
    opened_at: datetime
    terms: Terms
    due_at: datetime | None
    state: State = State.OPEN
    revision: int = 1
    outcome: Outcome | None = None
    grounds: Grounds | None = None
    granted: tuple[UUID, ...] = ()
    decided_at: datetime | None = None
    decided_by: str | None = None
    appealed_by: Side | None = None
    ended_at: datetime | None = None

    @property
    def active(self) -> bool:
        """Whether something is still to happen."""
        return self.state not in (State.FINAL, State.WITHDRAWN)

    @property
    def losers(self) -> Collection[Side]:
        """Who may appeal against the decision: of a part that is granted, both."""
        if self.outcome is Outcome.FOR_SELLER:
            return {Side.BUYER}
        return {Side.SELLER} if set(self.granted) == set(self.unit_ids) else set(Side)

    def stated(self, side: Side) -> "Claim":
        """Return the claim after a statement: once the seller has made one, a reviewer decides."""
        if self.state is not State.OPEN or side is Side.BUYER:
            return self
        return replace(self, state=State.REVIEW, due_at=None)

    def decided(
        self, outcome: Outcome, grounds: Grounds, granted: Sequence[UUID], reviewer: str, now: datetime
    ) -> "Claim":
        """Return the claim as a reviewer decides it; about an appeal that is final.

        Raises NotDecidable, SameReviewer, NothingToClaim.
        """
        if self.state not in (State.REVIEW, State.APPEALED):
            raise NotDecidable
        if self.state is State.APPEALED and reviewer == self.decided_by:
            raise SameReviewer
        units = tuple(granted or self.unit_ids) if outcome is Outcome.FOR_BUYER else ()
        if not set(units) <= set(self.unit_ids):
            raise NothingToClaim
        found = replace(
            self,
            state=State.DECIDED,
            revision=self.revision + 1,
            outcome=outcome,
            grounds=grounds,
            granted=units,
            decided_at=now,
            decided_by=reviewer,
            due_at=ends_at(now, self.terms.appeal, self.terms.clock),
        )
        return found if self.state is State.REVIEW else found._ended(State.FINAL, now)

    def appealed(self, side: Side, now: datetime) -> "Claim":
        """Return the claim as it is open again. Raises NotAppealable."""
        if self.state is not State.DECIDED or side not in self.losers or (self.due_at and now >= self.due_at):
            raise NotAppealable
        return replace(self, state=State.APPEALED, revision=self.revision + 1, appealed_by=side, due_at=None)

    def withdrawn(self, now: datetime) -> "Claim":
        """Return the claim as its buyer has taken it back: a decision against the buyer stands, so that it is the last.

        Raises NotDecidable where it has ended.
        """
        if not self.active:
            raise NotDecidable
        if self.outcome is Outcome.FOR_SELLER:
            return replace(self, revision=self.revision + 1)._ended(State.FINAL, now)
        return replace(self, revision=self.revision + 1, outcome=None, granted=())._ended(State.WITHDRAWN, now)

    def disproved(self, received: Collection[UUID]) -> bool:
        """Return whether the record contradicts the claim: something is said to be missing that has arrived."""
        return self.reason is Reason.NOT_RECEIVED and not set(self.unit_ids).isdisjoint(received)

    def elapsed(self, now: datetime, *, reached: bool = True, received: Collection[UUID] = ()) -> "Claim":
        """Return what the clock makes of the claim: a seller who is silent loses, what nobody appeals is final.

        A reviewer decides where silence says nothing: of a seller who could not be `reached` with the claim, and of
        units that are claimed not to have come while all their files were `received`.
        """
        if self.due_at is None or now < self.due_at:
            return self
        if self.state is State.OPEN and (not reached or self.disproved(received)):
            return replace(self, state=State.REVIEW, due_at=None)
        ended = replace(self, revision=self.revision + 1)._ended(State.FINAL, now)
        if self.state is State.DECIDED:
            return ended
        return replace(ended, outcome=Outcome.FOR_BUYER, grounds=Grounds.SILENCE, granted=self.unit_ids, decided_at=now)

    def _ended(self, state: State, now: datetime) -> "Claim":
        return replace(self, state=state, due_at=None, ended_at=now)


def check_contact(first_written_at: datetime | None, terms: Terms, now: datetime) -> None:
    """Raise ContactFirst or TooEarly unless the buyer has written to the seller, and the seller has had time."""
    if first_written_at is None:
        raise ContactFirst
    opens_at = terms.opens_at(first_written_at)
    if now < opens_at:
        raise TooEarly(opens_at)
