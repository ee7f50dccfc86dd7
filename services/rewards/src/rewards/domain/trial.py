"""What other rules would have given for meetings that were held: both sides as if they had always been valid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from rewards.domain.meetings import Meeting
from rewards.domain.membership import Enrolment
from rewards.domain.rules import Evaluation, Rule, evaluate

ALWAYS: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Compared:
    """A meeting, and what it earns under today's rules and under the others."""

    meeting: Meeting
    before: Evaluation
    after: Evaluation

    @property
    def differs(self) -> bool:
        """Whether it earns other points."""
        return points_of(self.before) != points_of(self.after)


def todays(known: Iterable[Rule], now: datetime) -> list[Rule]:
    """Return the rules that are valid now, as if they had always been so."""
    last: dict[str, Rule] = {}
    for rule in sorted(known, key=lambda rule: (rule.valid_from, rule.version)):
        if rule.valid_from <= now:
            last[rule.id] = rule
    return [_always(rule) for rule in last.values() if rule.valid_until is None or now < rule.valid_until]


def proposed(known: Iterable[Rule], wanted: Iterable[Rule], now: datetime) -> list[Rule]:
    """Return today's rules with those of a file in their place, the last version of each, as if always valid."""
    rules = {rule.id: rule for rule in todays(known, now)}
    for rule in sorted(wanted, key=lambda rule: rule.valid_from):
        rules[rule.id] = _always(rule)
    return list(rules.values())


def compared(
    meetings: Sequence[Meeting], enrolments: Sequence[Enrolment], before: Sequence[Rule], after: Sequence[Rule]
) -> list[Compared]:
    """Compare what a host's meetings earn under two sets of rules; whole months are to be given, for caps."""
    by_id = {meeting.id: meeting for meeting in meetings}
    others = {one.meeting_id: one for one in evaluate(meetings, enrolments, after)}
    return [
        Compared(by_id[one.meeting_id], one, others[one.meeting_id]) for one in evaluate(meetings, enrolments, before)
    ]


def points_of(evaluation: Evaluation) -> int:
    """Return the points of a meeting under all rules."""
    return sum(award.points for award in evaluation.awards)


def _always(rule: Rule) -> Rule:
    return replace(rule, valid_from=ALWAYS, valid_until=None)
