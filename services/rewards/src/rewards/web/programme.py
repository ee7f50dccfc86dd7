"""The routes of the programme: today's rules, what others would have given, and loading a file."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from aiohttp import web
from chassis.db import Begin, Read
from chassis.identity import Caller
from chassis.lists import Fault, FileRefused
from chassis.web import Listing, Problem, Routes, View, raw_body
from pydantic import Field

from rewards.domain.rules import Rule, RuleKind
from rewards.domain.trial import Compared, points_of
from rewards.store import programme as store
from rewards.usecases import programme
from rewards.usecases.programme_file import Programme, read_programme
from rewards.usecases.trying import Trial, try_rules

OWNER: Final = "sales"
READERS: Final = (OWNER, "support")
YAML: Final = "application/yaml"
FILE_LIMIT: Final = 2**18
MOST_SHOWN: Final = 200
routes = Routes()


class RuleView(View):
    """A version of an earning rule; no `markets` means all, caps are in points."""

    rule: str
    version: int
    kind: RuleKind
    valid_from: datetime
    valid_until: datetime | None
    points: int
    per_minutes: int
    minimum_minutes: int
    minimum_participants: int
    points_a_day: int | None
    points_a_month: int | None
    markets: list[str]
    expires_after_days: int | None
    expires_after_months: int | None


class RuleTrialView(View):
    """The points that a rule gives today and would give, and for how many meetings."""

    rule: str
    before: int
    after: int
    meetings_before: int
    meetings_after: int


class DifferenceView(View):
    """A meeting that would earn other points than today, and what is said of it."""

    started_at: datetime
    minutes: int
    participants: int
    before: int
    after: int
    verdict_before: str
    verdict_after: str


class TrialView(View):
    """What the last meetings earn under today's rules and would earn under others; nothing of it is recorded.

    `differences` has the newest 200 of `differing` meetings.
    """

    meetings: int
    members: int
    before: int
    after: int
    differing: int
    rules: list[RuleTrialView]
    differences: list[DifferenceView]


class LoadView(View):
    """What a file has changed, or would change, and what it does to meetings that were held already."""

    rules: int
    rewards: int
    posted: int
    reversed: int
    members: int
    stored: bool


@routes.get("/programme/rules", allow=READERS)
async def list_rules(read: Read, caller: Caller) -> Listing[RuleView]:
    """Every version of every earning rule, by name and version."""
    return Listing(items=[_rule(rule) for rule in await store.rules(read, caller.tenant)])


@routes.post("/programme/trial", allow=OWNER, takes=(YAML,))
async def try_programme(
    begin: Begin, caller: Caller, request: web.Request, meetings: Annotated[int, Field(ge=1, le=1000)] = 200
) -> TrialView:
    """What the rules of a file would have given for the last meetings of members, compared with today's rules.

    Both are taken as if they had always been valid; rules that the file does not name stay as they are.
    """
    file = await _read(request)
    async with begin() as tx:
        return _trial(await try_rules(tx, caller.tenant, file.rules, meetings))


@routes.post("/programme", allow=OWNER, takes=(YAML,))
async def load_programme(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    past: bool = False,
    correct: bool = False,
    dry_run: bool = False,
) -> LoadView:
    """Load the rules and the catalogue of a file, as the command `load` does; safe to repeat.

    What would post or take back points of meetings held already is not stored, unless `past` says that it is meant.
    """
    file = await _read(request)
    allowed = programme.Permission(correct=correct, past=past, store=not dry_run)
    async with begin() as tx:
        outcome = await programme.load(tx, caller.tenant, file.rules, file.rewards, allowed)
    if outcome.faults:
        raise _refused([file.fault(*fault) for fault in outcome.faults])
    effect = outcome.effect
    return LoadView(
        rules=outcome.rules,
        rewards=outcome.rewards,
        posted=effect.posted,
        reversed=effect.reversed,
        members=effect.members,
        stored=outcome.stored,
    )


async def _read(request: web.Request) -> Programme:
    content = await raw_body(request, FILE_LIMIT, YAML)
    try:
        return await asyncio.to_thread(read_programme, content)
    except FileRefused as refused:
        raise _refused(refused.faults) from None


def _refused(faults: Sequence[Fault]) -> Problem:
    named = [{"at": f"line {fault.line}", "rule": fault.code, "reason": fault.sentence} for fault in faults[:100]]
    return Problem(422, "programme-refused", "This file has faults, and nothing of it is kept.", faults=named)


def _rule(rule: Rule) -> RuleView:
    return RuleView(
        rule=rule.id,
        version=rule.version,
        kind=rule.kind,
        valid_from=rule.valid_from,
        valid_until=rule.valid_until,
        points=rule.points,
        per_minutes=rule.per_minutes,
        minimum_minutes=rule.minimum_minutes,
        minimum_participants=rule.minimum_participants,
        points_a_day=rule.cap_day,
        points_a_month=rule.cap_month,
        markets=sorted(rule.markets),
        expires_after_days=rule.expires_after_days,
        expires_after_months=rule.expires_after_months,
    )


def _trial(trial: Trial) -> TrialView:
    differing = [one for one in trial.meetings if one.differs]
    return TrialView(
        meetings=len(trial.meetings),
        members=trial.members,
        before=trial.before,
        after=trial.after,
        differing=len(differing),
        rules=[RuleTrialView.model_validate(one, from_attributes=True) for one in trial.rules],
        differences=[_difference(one) for one in differing[:MOST_SHOWN]],
    )


def _difference(one: Compared) -> DifferenceView:
    return DifferenceView(
        started_at=one.meeting.started_at,
        minutes=one.meeting.minutes,
        participants=one.meeting.participants,
        before=points_of(one.before),
        after=points_of(one.after),
        verdict_before=one.before.verdict,
        verdict_after=one.after.verdict,
    )
