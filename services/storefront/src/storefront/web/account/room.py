"""The room of a customer: the tabs around every page of the account, and what such pages have in common."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

from aiohttp import web
from chassis.db import Begin
from chassis.web import Problem
from pages.authorization import AGAIN, once_more
from pages.site import see
from pages.visit import new_visitor
from pydantic import Field

from pages import forms
from storefront.web.front import Call, Front

# each area, where it is, and the service without which it is not there
AREAS: Final = (
    ("overview", "/account", None),
    ("orders", "/account/orders", None),
    ("downloads", "/account/downloads", "delivery"),
    ("keys", "/account/keys", "licensing"),
    ("points", "/account/points", "rewards"),
    ("messages", "/account/messages", "mail-relay"),
    ("organisation", "/account/organisation", None),
    ("privacy", "/account/privacy", None),
    ("security", "/account/security", None),
)
# what was done before a page is shown again, by its name in `words.account.done`
Done = Annotated[str, Field(pattern=r"^[a-z-]{0,40}$")]
Cursor = Annotated[str, Field(max_length=400)]
SECRET: Final = frozenset({"code"})


def page(
    front: Front, call: Call, area: str, template: str, *, status: int = 200, done: str = "", **facts: Any
) -> web.Response:
    """Return a page of the account, with the tabs of all areas that this installation has."""
    areas = [(name, path) for name, path, service in AREAS if service is None or front.upstream.has(service)]
    return front.page(call, f"account/{template}", status=status, areas=areas, area=area, done=done, **facts)


async def maybe(front: Front, call: Call, service: str, path: str, **query: Any) -> Any:
    """Return what a service answers, None where there is nothing, or the service is away or not installed."""
    if not front.upstream.has(service):
        return None
    try:
        return await front.upstream.get(call.visit, service, path, **query)
    except Problem as refused:
        if refused.status not in (404, 503):
            raise
        return None


def refused(problem: Problem, known: Mapping[str, str] | None = None, *, page: str = "") -> dict[str, str]:
    """Return the fault beside the field that it is about; raises the problem where a form cannot mend it.

    Where one must have signed in just now, and has not, it leads there, and back to the page.
    """
    once_more(problem, f"{page or '/account/security'}?done={AGAIN}")
    if problem.status not in (400, 403, 409, 422, 429):
        raise problem
    fields = {
        "second-factor-refused": "code",
        "email-taken": "email",
        "email-malformed": "email",
        "email-change-unknown": "code",
    }
    faults = forms.refused(problem, known or {})
    return faults or {fields.get(problem.kind, ""): problem.kind}


async def begin_anew(front: Front, begin: Begin, call: Call, address: str) -> web.Response:
    """Lead on with no session, after accounts has ended all that there were."""
    await front.site.sessions.end(begin, call.visit)
    response = see(address)
    front.site.greet(response, new_visitor())
    return response


async def sign_in_after(front: Front, begin: Begin, call: Call, done: str) -> web.Response:
    """Let somebody sign in after a change that ends all sessions, and tell afterwards what was done."""
    after = quote(f"/account/security?done={done}", safe="/")
    return await begin_anew(front, begin, call, f"/sign-in?after={after}")
