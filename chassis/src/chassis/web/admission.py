"""Who is let in: limits, tokens and roles; who is not leaves a line in the log `security`."""

from dataclasses import dataclass, field
from typing import Final

import structlog
from aiohttp import hdrs, web

from chassis.identity.acting import Act
from chassis.identity.tokens import Caller, Unauthenticated, Verifier
from chassis.web.limits import Limiter, Rate, address_of
from chassis.web.problems import Problem
from chassis.web.routes import Route

security = structlog.get_logger("security")

CALLER: Final = web.RequestKey("caller", Caller)
RECORDED: Final = frozenset({401, 403, 429})


@dataclass(slots=True)
class Admission:
    """Admits requests to routes: so many for each address, with a token where the route asks for a caller."""

    verifier: Verifier
    trusted_proxies: int = 0
    limiters: dict[int, Limiter] = field(default_factory=dict[int, Limiter])

    def limit(self, route: Route, rate: Rate) -> None:
        """Admit no more requests to a route than this."""
        self.limiters[id(route)] = Limiter(rate)

    def address(self, request: web.Request) -> str:
        """Return the network address of the client."""
        return address_of(request, self.trusted_proxies)

    async def admit(self, route: Route, request: web.Request) -> Caller | None:
        """Return the caller, None where the request is anonymous and may be so.

        Raises Problem 429 and 403, `Unauthenticated`, and `IdentityUnavailable` where no key can be had.
        """
        self._count(route, request)
        if route.authenticates == "no":
            return None
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if route.authenticates == "optional" and not scheme:
            return None
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("there is no token")
        caller = request[CALLER] = await self.verifier.verify(token.strip())
        if route.allow and not caller.roles.intersection(route.allow):
            raise Problem(403, "forbidden", "Your role does not allow this.")
        return caller

    def _count(self, route: Route, request: web.Request) -> None:
        limiter = self.limiters.get(id(route))
        seconds = limiter.wait(self.address(request)) if limiter else 0
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
    ids = {"tenant": caller.tenant, "subject": caller.subject} if caller else {}
    security.warning("refused", route=f"{route.method} {route.path}", status=problem.status, kind=problem.kind, **ids)
