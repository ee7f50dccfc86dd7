"""Trying rules on the last meetings: what they would have given, compared with today's; nothing is recorded."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.db import Read

from rewards.domain.meetings import Meeting
from rewards.domain.rules import Rule
from rewards.domain.trial import Compared, compared, points_of, proposed, todays
from rewards.store import customers, meetings, programme
from rewards.usecases.evaluating import BEFORE

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """The points that a rule gives today and would give, and for how many meetings."""

    rule: str
    before: int
    after: int
    meetings_before: int
    meetings_after: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What the last meetings earn under today's rules and under others; the newest meeting stands first."""

    members: int
    meetings: list[Compared]

    @property
    def before(self) -> int:
        """The points under today's rules."""
        return sum(points_of(one.before) for one in self.meetings)

    @property
    def after(self) -> int:
        """The points under the others."""
        return sum(points_of(one.after) for one in self.meetings)

    @property
    def rules(self) -> list[RuleTrial]:
        """The same by rule, in the order of their names."""
        before = [award for one in self.meetings for award in one.before.awards]
        after = [award for one in self.meetings for award in one.after.awards]
        points: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        for side, awards in enumerate((before, after)):
            for award in awards:
                points[side][award.rule_id] += award.points
                counts[side][award.rule_id] += 1
        names = sorted(counts[0] | counts[1])
        return [RuleTrial(name, points[0][name], points[1][name], counts[0][name], counts[1][name]) for name in names]


async def try_rules(read: Read, tenant: str, wanted: Sequence[Rule], count: int) -> Trial:
    """Return what these rules would have given for the last so many meetings of members."""
    known = await programme.rules(read, tenant)
    before, after = todays(known, read.now), proposed(known, wanted, read.now)
    newest = await meetings.newest_of_members(read, tenant, count)
    by_host: dict[UUID, list[Meeting]] = {}
    for meeting in newest:
        by_host.setdefault(meeting.host_id, []).append(meeting)
    found: list[Compared] = []
    for host_id, own in by_host.items():
        enrolments = await customers.enrolments(read, tenant, host_id)
        begun = [meeting.started_at for meeting in own]
        around = await meetings.of_host(read, tenant, host_id, min(begun) - BEFORE, max(begun) + MOMENT)
        wanted_ids = {meeting.id for meeting in own}
        found += [one for one in compared(around, enrolments, before, after) if one.meeting.id in wanted_ids]
    found.sort(key=lambda one: (one.meeting.started_at, one.meeting.id), reverse=True)
    return Trial(len(by_host), found)
