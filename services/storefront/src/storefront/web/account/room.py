"""The room of a customer: the tabs around every page of the account, and what such pages have in common."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from aiohttp import web
from chassis.db import Begin
from chassis.web import Problem
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
    ("privacy", "/account/privacy", None),
    ("security", "/account/security", None),
)
# what was done before a page is shown again, by its name in `words.account.done`
Done = Annotated[str, Field(pattern=r"^[a-z-]{0,40}$")]
Cursor = Annotated[str, Field(max_length=400)]
# the services for which a session of a shop is, as when one signs in
ASKED: Final = ("accounts", "catalog", "orders", "payments", "delivery", "licensing", "rewards", "mail-relay")
SECRET: Final = frozenset({"password", "current", "new", "code"})


class Proof(forms.Form):
    """The password once more, and a code where there is a second factor."""

    password: Annotated[str, Field(min_length=1, max_length=1024, repr=False)]
    code: Annotated[str, Field(max_length=40, repr=False)] = ""

    @property
    def body(self) -> dict[str, str]:
        """What accounts is sent."""
        return {"password": self.password} | ({"code": self.code} if self.code else {})


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


async def needs_code(front: Front, call: Call) -> bool:
    """Return whether the customer has a second factor, so that forms ask for its code."""
    return bool((await front.upstream.get(call.visit, "accounts", "/me/second-factor"))["enrolled"])


def refused(problem: Problem, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the fault beside the field that it is about; raises the problem where a form cannot mend it."""
    if problem.status not in (400, 403, 409, 422, 429):
        raise problem
    fields = {
        "password-refused": "password",
        "second-factor-needed": "code",
        "second-factor-refused": "code",
        "password-guessable": "new",
        "email-taken": "email",
        "email-malformed": "email",
        "email-change-unknown": "code",
    }
    faults = forms.refused(problem, known or {})
    return faults or {fields.get(problem.kind, ""): problem.kind}


async def begin_anew(
    front: Front, begin: Begin, call: Call, tokens: dict[str, Any] | None, address: str
) -> web.Response:
    """Lead on with a session that has just begun, or with none, after accounts has ended all that there were."""
    await front.site.sessions.end(begin, call.visit)
    visitor = new_visitor()
    if tokens is not None:
        await front.site.sessions.begin(begin, visitor, call.shop.tenant, tokens, call.visit)
    response = see(address)
    front.site.greet(response, visitor)
    return response


async def sign_in_again(front: Front, begin: Begin, call: Call, email: str, password: str, done: str) -> web.Response:
    """Go on with another session after a change that ends all; whoever has a second factor signs in by themselves."""
    body: dict[str, object] = {"tenant": call.shop.tenant, "email": email, "password": password, "audience": ASKED}
    try:
        tokens = await front.upstream.post(call.visit, "accounts", "/sign-in", body)
    except Problem as problem:
        if problem.status not in (401, 403, 429):
            raise
        return await begin_anew(front, begin, call, None, "/sign-in?after=/account/security")
    return await begin_anew(front, begin, call, tokens, f"/account/security?done={done}")
