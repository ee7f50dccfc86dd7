"""The versions of a tenant's policy: who is written to can read them, staff publishes them (K2, MAIL-18)."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Body, Listing, Page, Routes, View, listing, not_found
from contracts.bounds import Time
from pydantic import Field

from mail_relay.domain.policy.file_type import ALLOWED, FileType
from mail_relay.domain.policy.finding import Kind
from mail_relay.domain.policy.handling import Coverage, Ownership, Urgency
from mail_relay.domain.policy.limits import Limits
from mail_relay.domain.policy.policy import FIRST, USUAL, Action, Measure, Policy
from mail_relay.store import policies
from mail_relay.store.policies import Published
from mail_relay.usecases import announcing

PUBLISHER, READERS = "sales", ("customer", "sales", "support", "reviewer")
LAST = 2**31 - 1
Word = Literal["pass", "warn", "hold", "block"]
Files = Literal["pdf", "png", "jpeg", "gif", "webp", "text", "zip"]
Host = Annotated[str, Field(max_length=253, pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
routes = Routes()


class NewMeasure(Body):
    """What is done where the confidence (0 to 1) that something was found is the threshold or more."""

    action: Word
    threshold: Annotated[float, Field(ge=0, le=1)]


class MalwareMeasure(Body):
    """Malware is held for a reviewer, or blocked; it never passes by itself."""

    action: Literal["hold", "block"]
    threshold: Annotated[float, Field(ge=0, le=0)] = 0


class NewMeasures(Body):
    """What each kind of finding leads to; a kind that is not named leads to what is usual."""

    email: NewMeasure | None = None
    telephone: NewMeasure | None = None
    link: NewMeasure | None = None
    account: NewMeasure | None = None
    handle: NewMeasure | None = None
    invitation: NewMeasure | None = None
    file: NewMeasure | None = None
    malware: MalwareMeasure | None = None


class NewLimits(Body):
    """How many messages one alias takes in a minute, and one conversation in an hour."""

    alias_per_minute: Annotated[int, Field(ge=1, le=1000)]
    conversation_per_hour: Annotated[int, Field(ge=1, le=10_000)]


class NewPolicy(Body):
    """A version: it begins 15 days from now or later, or for an urgent reason sooner."""

    valid_from: Time
    urgency: Urgency | None = None
    measures: NewMeasures = NewMeasures()
    own_domains: Annotated[list[Host], Field(max_length=100, default_factory=list[str])]
    coverage: Coverage = Coverage.ALL
    ownership: Ownership = Ownership.MARKETPLACE
    files: list[Files] | None = None
    limits: NewLimits | None = None
    opt_out: bool = True
    typed: bool = False


class MeasureView(View):
    """What a kind of finding leads to from which confidence on."""

    kind: Kind
    action: Word
    threshold: float


class LimitsView(View):
    """How many messages one alias takes in a minute, and one conversation in an hour."""

    alias_per_minute: int
    conversation_per_hour: int


class PolicyView(View):
    """A version; the one with the number 0 is what holds before any is published. `limits` null are the operator's."""

    version: int
    valid_from: datetime
    published_at: datetime | None
    announced_at: datetime | None
    urgency: Urgency | None
    measures: list[MeasureView]
    own_domains: list[str]
    coverage: Coverage
    ownership: Ownership
    files: list[FileType]
    limits: LimitsView | None
    opt_out: bool
    typed: bool


@routes.get("/policies/{version}", allow=READERS)
async def view_policy(read: Read, caller: Caller, version: Annotated[int, Field(ge=0, le=LAST)]) -> PolicyView:
    """A version of the policy."""
    found = Published(FIRST, None, None, None) if version == 0 else await policies.find(read, caller.tenant, version)
    if found is None:
        raise not_found()
    return _view(found)


@routes.get("/policies", allow=READERS)
async def list_policies(read: Read, caller: Caller, page: Page) -> Listing[PolicyView]:
    """The versions that were published, the newest first, with those that do not act yet (MAIL-18)."""
    after = page.after(tuple[int])
    rows = await policies.of_tenant(read, caller.tenant, after[0] if after else LAST, page.limit + 1)
    return listing(rows, page, lambda one: (one.policy.version,), _view)


@routes.post("/policies", allow=PUBLISHER, creates=view_policy)
async def publish_policy(tx: Tx, caller: Caller, body: NewPolicy) -> dict[str, object]:
    """Publish a version; all who have written to somebody here are told of it before it acts (K2)."""
    measures = {
        kind: Measure(Action[one.action.upper()], one.threshold)
        for kind in Kind
        if (one := getattr(body.measures, kind, None)) is not None
    }
    wanted = Policy(
        version=0,
        valid_from=body.valid_from,
        measures={**USUAL, **measures},
        own_domains=frozenset(body.own_domains),
        coverage=body.coverage,
        ownership=body.ownership,
        files=ALLOWED if body.files is None else frozenset(map(FileType, body.files)),
        limits=Limits(**body.limits.model_dump()) if body.limits else None,
        opt_out=body.opt_out,
        typed=body.typed,
    )
    return {"version": await announcing.publish(tx, caller.tenant, wanted, body.urgency)}


def _view(one: Published) -> PolicyView:
    policy = one.policy
    return PolicyView(
        version=policy.version,
        valid_from=policy.valid_from,
        published_at=one.published_at,
        announced_at=one.announced_at,
        urgency=one.urgency,
        measures=[
            MeasureView.model_validate(
                {"kind": kind, "action": measure.action.name.lower(), "threshold": measure.threshold}
            )
            for kind, measure in sorted(policy.measures.items())
        ],
        own_domains=sorted(policy.own_domains),
        coverage=policy.coverage,
        ownership=policy.ownership,
        files=sorted(policy.files),
        limits=LimitsView(**asdict(policy.limits)) if policy.limits else None,
        opt_out=policy.opt_out,
        typed=policy.typed,
    )
