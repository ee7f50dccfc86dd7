"""The intake of meetings: a route for adapters that do not publish to Kafka themselves (L13)."""

from chassis.db import Tx
from chassis.identity import Caller
from chassis.web import Problem, Routes, not_found, unfit
from contracts.shared import MeetingLogged, MeetingStatus

from rewards.domain.programme import Terms
from rewards.usecases import meetings
from rewards.web import bodies, views

routes = Routes()


@routes.post("/meetings", status=202, allow=("service", "support"))
async def log_meeting(tx: Tx, caller: Caller, body: bodies.LogMeeting, terms: Terms) -> views.LoggedView:
    """Publish what became of a meeting; points follow when it is consumed. Safe to repeat."""
    if body.status is MeetingStatus.HELD and body.ended_at > tx.now:
        raise Problem(422, "not-over", "A meeting that was held has ended.")
    facts = body.model_dump(exclude={"tenant"})
    logged = MeetingLogged(tenant=_tenant(caller, body.tenant), **facts)
    reporter = caller.subject if "service" in caller.roles else meetings.STAFF
    await meetings.log_meeting(tx, logged, terms, reporter, caller.subject)
    return views.LoggedView(meeting=body.meeting, revision=body.revision)


def _tenant(caller: Caller, named: str | None) -> str:
    """Return the caller's tenant; only a service, whose token names none, chooses one."""
    if caller.tenant:
        if named is not None and named != caller.tenant:
            raise not_found()
        return caller.tenant
    if named is None:
        raise unfit("A service names the tenant.", "body.tenant", "rule-broken")
    return named
