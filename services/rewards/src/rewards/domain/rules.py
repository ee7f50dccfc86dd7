"""The earning rules, and what a host's meetings earn under them: a function of facts, whatever order they came in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from rewards.domain.arithmetic import Arithmetic, Cap
from rewards.domain.meetings import TOLERANCE, Meeting
from rewards.domain.membership import Enrolment, in_force


class RuleKind(StrEnum):
    """What is counted: meetings, or the hours they take (L9)."""

    FREQUENCY = "frequency"
    DURATION = "duration"


class Verdict(StrEnum):
    """What became of a meeting, for its host to read."""

    EARNED = "earned"
    NOT_ENROLLED = "not-enrolled"
    NOT_OVER = "not-over"
    NO_RULE = "no-rule"
    TOO_SHORT = "too-short"
    TOO_FEW_PARTICIPANTS = "too-few-participants"
    TOO_LONG = "too-long"
    DUPLICATE = "duplicate"
    OVERLAPPING = "overlapping"
    CAP_REACHED = "cap-reached"


# what a host was busy with: nobody hosts two meetings at once
TAKES_TIME: Final = (Verdict.EARNED, Verdict.CAP_REACHED)
LONGEST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A version of an earning rule; no `markets` means all, caps are in points by the member's own calendar (REW-3).

    A frequency rule gives `points` for each meeting, a duration rule for each started `per_minutes`. Points expire so
    many days after the meeting began, or at the end of the quarter in which so many months are over (REW-7).
    """

    id: str
    version: int
    kind: RuleKind
    valid_from: datetime
    valid_until: datetime | None
    points: int
    per_minutes: int
    minimum_minutes: int
    minimum_participants: int
    cap_day: int | None
    cap_month: int | None
    markets: frozenset[str]
    expires_after_days: int | None
    expires_after_months: int | None = None

    def refuses(self, meeting: Meeting) -> Verdict | None:
        """Return why a meeting earns nothing here, None where it does."""
        if meeting.minutes < self.minimum_minutes:
            return Verdict.TOO_SHORT
        return Verdict.TOO_FEW_PARTICIPANTS if meeting.participants < self.minimum_participants else None

    def worth(self, meeting: Meeting) -> tuple[int, Arithmetic]:
        """Return the points of a meeting before caps, and the arithmetic."""
        if self.kind is RuleKind.FREQUENCY:
            return self.points, Arithmetic("frequency", each=self.points, parts=1)
        parts = max(1, -(-(meeting.ended_at - meeting.started_at) // timedelta(minutes=self.per_minutes)))
        return parts * self.points, Arithmetic(
            "duration", each=self.points, parts=parts, minutes=meeting.minutes, per_minutes=self.per_minutes
        )

    def expiry(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when the points of a meeting expire that began at this moment, by the member's own calendar."""
        if self.expires_after_days is not None:
            return at + timedelta(days=self.expires_after_days)
        if self.expires_after_months is None:
            return None
        began = at.astimezone(zone)
        quarters = (began.year * 12 + began.month - 1 + self.expires_after_months) // 3 + 1
        return datetime(quarters // 4, quarters % 4 * 3 + 1, 1, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Award:
    """What a meeting earns under a version of a rule."""

    meeting_id: UUID
    rule_id: str
    rule_version: int
    points: int
    arithmetic: Arithmetic
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a meeting earns, or why not; `month` is of the member's calendar, None outside any enrolment."""

    meeting_id: UUID
    month: str | None
    verdict: Verdict
    awards: tuple[Award, ...] = ()


def evaluate(meetings: Iterable[Meeting], enrolments: Sequence[Enrolment], rules: Iterable[Rule]) -> list[Evaluation]:
    """Evaluate a host's meetings; whole months are to be given, for caps look back to a month's first day.

    Nobody hosts two meetings at once: of those that overlap, the one that began first counts (REW-5).
    """
    versions = _by_rule(rules)
    spent: dict[tuple[str, str], int] = {}
    counting: Meeting | None = None
    evaluations: list[Evaluation] = []
    for meeting in sorted(meetings, key=lambda meeting: (meeting.started_at, meeting.id)):
        enrolment = in_force(enrolments, meeting.started_at)
        evaluation = _evaluate(meeting, enrolment, versions, spent, _barred(meeting, counting))
        counting = meeting if evaluation.verdict in TAKES_TIME else counting
        evaluations.append(evaluation)
    return evaluations


def chained(meetings: Iterable[Meeting], touched: Iterable[Meeting]) -> list[Meeting]:
    """Return the touched meetings and all that overlap with one of them, or with one that does, and so on."""
    marked = [(meeting, False) for meeting in meetings] + [(meeting, True) for meeting in touched]
    found: list[Meeting] = []
    chain: list[tuple[Meeting, bool]] = []
    until: datetime | None = None
    for meeting, mark in sorted(marked, key=lambda one: one[0].started_at):
        if until is not None and until <= meeting.started_at:
            found += _marked(chain)
            chain, until = [], None
        chain.append((meeting, mark))
        ended_at = min(meeting.ended_at, meeting.started_at + LONGEST)
        until = ended_at if until is None else max(until, ended_at)
    return found + _marked(chain)


def _marked(chain: Sequence[tuple[Meeting, bool]]) -> list[Meeting]:
    return [meeting for meeting, _ in chain] if any(mark for _, mark in chain) else []


def month_of(at: datetime, enrolments: Iterable[Enrolment]) -> str | None:
    """Return the month of the member's calendar in which a moment falls."""
    enrolment = in_force(enrolments, at)
    return None if enrolment is None else f"{at.astimezone(ZoneInfo(enrolment.time_zone)):%Y-%m}"


def valid_version(versions: Iterable[Rule], at: datetime, market: str) -> Rule | None:
    """Return the version valid at a moment: the last begun, if it has not ended and is for this market (F-R12).

    Of several that begin at the same moment the latest corrects the others.
    """
    begun = [version for version in versions if version.valid_from <= at]
    last = max(begun, key=lambda version: (version.valid_from, version.version), default=None)
    if last is None or (last.valid_until is not None and at >= last.valid_until):
        return None
    return last if not last.markets or market in last.markets else None


def earning(versions: Sequence[Rule], market: str, now: datetime) -> list[Rule]:
    """Return the rules by which a meeting in a market earns something now, each in its valid version."""
    names = dict.fromkeys(version.id for version in versions)
    found = (valid_version([one for one in versions if one.id == name], now, market) for name in names)
    return [rule for rule in found if rule is not None]


def _evaluate(
    meeting: Meeting,
    enrolment: Enrolment | None,
    versions: dict[str, list[Rule]],
    spent: dict[tuple[str, str], int],
    barred: Verdict | None,
) -> Evaluation:
    if enrolment is None:
        return Evaluation(meeting.id, None, Verdict.NOT_ENROLLED)
    zone = ZoneInfo(enrolment.time_zone)
    day = f"{meeting.started_at.astimezone(zone):%Y-%m-%d}"
    if not meeting.over:
        return Evaluation(meeting.id, day[:7], Verdict.NOT_OVER)
    if barred is not None:
        return Evaluation(meeting.id, day[:7], barred)
    refused: list[Verdict] = []
    awards: list[Award] = []
    for rule_id in sorted(versions):
        rule = valid_version(versions[rule_id], meeting.started_at, enrolment.market)
        if rule is None or rule.points == 0:  # a rule is ended by a version without points
            continue
        reason = rule.refuses(meeting)
        award = None if reason else _award(rule, meeting, day, zone, spent)
        if award is not None:
            awards.append(award)
        else:
            refused.append(reason or Verdict.CAP_REACHED)
    verdict = Verdict.EARNED if awards else next(iter(refused), Verdict.NO_RULE)
    return Evaluation(meeting.id, day[:7], verdict, tuple(awards))


def _barred(meeting: Meeting, counting: Meeting | None) -> Verdict | None:
    """Return why a meeting cannot count beside the one that counted last; clocks may differ by the tolerance."""
    length = meeting.ended_at - meeting.started_at
    if length > LONGEST:
        return Verdict.TOO_LONG
    if counting is None or counting.ended_at - meeting.started_at <= min(TOLERANCE, length / 2):
        return None
    apart = max(abs(meeting.started_at - counting.started_at), abs(meeting.ended_at - counting.ended_at))
    return Verdict.DUPLICATE if apart <= TOLERANCE else Verdict.OVERLAPPING


def _award(rule: Rule, meeting: Meeting, day: str, zone: ZoneInfo, spent: dict[tuple[str, str], int]) -> Award | None:
    points, arithmetic = rule.worth(meeting)
    periods = {day: rule.cap_day, day[:7]: rule.cap_month}
    for period, cap in periods.items():
        left = points if cap is None else max(0, cap - spent.get((rule.id, period), 0))
        if left < points:
            points, arithmetic = left, replace(arithmetic, caps=(*arithmetic.caps, Cap(period, cap or 0, left)))
    if points == 0:
        return None
    for period in periods:
        spent[rule.id, period] = spent.get((rule.id, period), 0) + points
    return Award(meeting.id, rule.id, rule.version, points, arithmetic, rule.expiry(meeting.started_at, zone))


def _by_rule(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    versions: dict[str, list[Rule]] = {}
    for rule in rules:
        versions.setdefault(rule.id, []).append(rule)
    return versions
