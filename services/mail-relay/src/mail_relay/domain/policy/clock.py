"""How fast a seller answers (MAIL-9)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


class Side(StrEnum):
    """Who wrote a message."""

    BUYER = "buyer"
    SELLER = "seller"


@dataclass(frozen=True, slots=True)
class Written:
    """A message of a conversation; `at` has a time zone. The seller may say that one of a buyer needs no answer."""

    side: Side
    at: datetime
    automatic: bool = False
    no_answer_needed: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """By when an answer is due: how long it may take, and whether Saturdays and Sundays of the zone count."""

    within: timedelta = timedelta(hours=24)
    weekends_count: bool = True
    zone: ZoneInfo = BERLIN


@dataclass(frozen=True, slots=True)
class Answer:
    """A message of a buyer that wants an answer, and when the seller's came; None while none has."""

    asked_at: datetime
    answered_at: datetime | None


def answers(messages: Iterable[Written]) -> list[Answer]:
    """Return what was to be answered, by time: the first message of a buyer since the seller wrote.

    Automatic messages neither ask nor answer. What needs no answer asks nothing, but a later message may.
    """
    found: list[Answer] = []
    asked_at: datetime | None = None
    for message in sorted(messages, key=lambda written: (written.at, written.side == Side.SELLER)):
        if message.automatic:
            continue
        if message.side is Side.BUYER:
            if asked_at is None and not message.no_answer_needed:
                asked_at = message.at
        elif asked_at is not None:
            found.append(Answer(asked_at, message.at))
            asked_at = None
    return found if asked_at is None else [*found, Answer(asked_at, None)]


def elapsed(start: datetime, end: datetime, clock: Clock) -> timedelta:
    """Return how long the clock ran between two instants: all of it, or without the zone's Saturdays and Sundays."""
    if clock.weekends_count or end <= start:
        return max(end - start, timedelta(0))
    total = timedelta(0)
    day = start.astimezone(clock.zone).date()
    at = start
    while at < end:
        # a day lasts 23 or 25 hours when the zone changes its time, and so its end is asked of the zone
        day += timedelta(days=1)
        midnight = datetime.combine(day, time(), clock.zone).astimezone(UTC)
        until = min(midnight, end)
        if (day - timedelta(days=1)).weekday() < 5:
            total += until - at
        at = until
    return total


def ends_at(start: datetime, within: timedelta, clock: Clock) -> datetime:
    """Return the first instant by which the clock has run so long since the start."""
    at, left = start.astimezone(UTC), within
    if clock.weekends_count:
        return at + left
    day = start.astimezone(clock.zone).date()
    while left > timedelta(0):
        day += timedelta(days=1)
        midnight = datetime.combine(day, time(), clock.zone).astimezone(UTC)
        if (day - timedelta(days=1)).weekday() < 5:
            if at + left <= midnight:
                return at + left
            left -= midnight - at
        at = midnight
    return at


def is_late(answer: Answer, clock: Clock, now: datetime) -> bool:
    """Say whether an answer came, or is still missing, after its time; exactly in time is in time."""
    return elapsed(answer.asked_at, answer.answered_at or now, clock) > clock.within


def late_rate(conversations: Iterable[Sequence[Written]], clock: Clock, now: datetime, days: int) -> float | None:
    """Return which part of what was asked in the last days was answered late, or is late already.

    What is not answered yet and still has time counts in neither part. None when nothing was asked.
    """
    since = now - timedelta(days=days)
    judged = [
        is_late(answer, clock, now)
        for messages in conversations
        for answer in answers(message for message in messages if message.at <= now)
        if since < answer.asked_at and (answer.answered_at or is_late(answer, clock, now))
    ]
    return sum(judged) / len(judged) if judged else None


def late_rates(conversations: Sequence[Sequence[Written]], clock: Clock, now: datetime) -> dict[int, float | None]:
    """Return the late rates over 7, 30 and 90 days."""
    return {days: late_rate(conversations, clock, now, days) for days in (7, 30, 90)}
