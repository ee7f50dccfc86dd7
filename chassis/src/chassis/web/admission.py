"""Who is let in: limits, tokens and roles; who is not leaves a line in the log `security`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from aiohttp import hdrs, web

from chassis.identity.acting import Act
from chassis.identity.tokens import Caller, Unauthenticated, Verifier
from chassis.web.freshness import refuse_stale
from chassis.web.limits import Limiter, Rate, address_of, network_of
from chassis.web.problems import Problem, unavailable
from chassis.web.routes import Route

security = structlog.get_logger("security")

CALLER: Final = web.RequestKey("caller", Caller)
RECORDED: Final = frozenset({401, 403, 429})
FIRST: Final = {
    "enrolling": "Enrol a second factor first: staff may do nothing else before that.",
    "confirming": "Confirm your e-mail address first, with the code that was mailed to it.",
}
"""What somebody has to do whose token has one of these roles of accounts, which admit to nothing else."""


@dataclass(slots=True)
class Admission:
    """Admits requests to routes: so many for each network and caller, with a token where the route asks for one.

    While it is `closed`, nobody is let in.
    """

    verifier: Verifier
    trusted_proxies: int = 0
    closed: Callable[[], bool] = lambda: False
    networks: dict[int, Limiter] = field(default_factory=dict[int, Limiter])
    callers: dict[int, Limiter] = field(default_factory=dict[int, Limiter])

    def limit(self, route: Route, rate: Rate) -> None:
        """Admit no more requests of a network to a route than this."""
        self.networks[id(route)] = Limiter(rate)

    def limit_callers(self, route: Route, rate: Rate) -> None:
        """Admit no more requests of a caller to a route than this, wherever they come from."""
        self.callers[id(route)] = Limiter(rate)

    def address(self, request: web.Request) -> str:
        """Return the network address of the client."""
        return address_of(request, self.trusted_proxies)

    async def admit(self, route: Route, request: web.Request) -> Caller | None:
        """Return the caller, None where the request is anonymous and may be so.

        Raises Problem 503, 429, 403 and 401, `Unauthenticated`, and `IdentityUnavailable` where no key can be had.
        """
        if self.closed():
            raise unavailable()
        _count(self.networks.get(id(route)), network_of(self.address(request)))
        if route.authenticates == "no":
            return None
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if route.authenticates == "optional" and not scheme:
            return None
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("there is no token")
        caller = request[CALLER] = await self.verifier.verify(token.strip())
        if route.allow and not caller.roles.intersection(route.allow):
            raise Problem(403, "forbidden", _refusal(caller))
        if route.fresh is not None:
            refuse_stale(caller, self.verifier.now(), route.fresh)
        _count(self.callers.get(id(route)), f"{caller.tenant} {caller.subject}")
        return caller


def _refusal(caller: Caller) -> str:
    """Return why somebody may not do this, with what has to be done first by who may do nothing else yet."""
    for role, first in FIRST.items():
        if role in caller.roles:
            return first
    return "Your role does not allow this."


def _count(limiter: Limiter | None, client: str) -> None:
    seconds = limiter.wait(client) if limiter else 0
    if seconds:
        after = {"Retry-After": str(int(seconds) + 1)}
        raise Problem(429, "too-many-requests", "Too many requests; wait a moment.", after)


def act_of(route: Route, request: web.Request, caller: Caller) -> Act:
    """Return what a member of staff does by a request; it is about the last thing that its path names."""
    right = caller.roles.intersection(route.allow) if route.allow else caller.roles
    kind, object_id = next(reversed(request.match_info.items()), (route.path.split("/")[1], ""))
    operation = f"{route.method} {route.path}"
    return Act(caller.subject, ",".join(sorted(right)), operation, caller.tenant, kind, object_id)


def record(route: Route, request: web.Request, problem: Problem) -> None:
    """Record who was refused where and as what: ids only, and nothing that an anonymous client has sent."""
    if problem.status not in RECORDED:
        return
    caller = request.get(CALLER)
    ids: dict[str, Any] = {"tenant": caller.tenant, "subject": caller.subject} if caller else {}
    if problem.status == 401:  # our own numbers, by which one finds that clocks differ
        ids |= {name: value for name, value in problem.members.items() if isinstance(value, int)}
    security.warning("refused", route=f"{route.method} {route.path}", status=problem.status, kind=problem.kind, **ids)
