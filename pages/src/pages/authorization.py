"""How visitors of a site sign in on the pages of accounts: there with a question, and back with a code (RFC 6749)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from aiohttp import web
from chassis.web import Problem

from pages.asking import Asking
from pages.forms import FORM
from pages.site import Site
from pages.upstream import Upstream
from pages.visit import Visit

BACK: Final = "/signed-in"
# what the page tells to which somebody comes back who had to sign in once more
AGAIN: Final = "signed-in-again"
STALE: Final = "insufficient-user-authentication"


@dataclass(frozen=True, slots=True)
class Client:
    """What a site is to accounts: its name there, its own origin, and that of the pages of accounts for it.

    A site that is one client for each tenant has no name until somebody has named theirs.
    """

    id: str
    origin: str
    accounts: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser brings back from accounts (RFC 6749, 4.1.2; RFC 9207)."""

    code: str
    state: str
    iss: str
    error: str


class Traded(NamedTuple):
    """What a browser's answer was worth: tokens, where it leads on, and to which client they belong."""

    tokens: dict[str, Any]
    after: str
    client: str


def lead(
    site: Site,
    visit: Visit,
    client: Client,
    now: datetime,
    after: str,
    prompt: str = "",
    hint: str = "",
    purpose: str = "",
) -> web.Response:
    """Lead to the pages of accounts; `after` is where one goes on afterwards, `prompt` what is to be done there.

    `hint` is what the page begins with (OpenID Connect's `login_hint`), `purpose` for what one signs in.
    """
    asking = Asking.begin(visit.visitor, now, client.id, after)
    asked = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": client.origin + BACK,
        "code_challenge": asking.challenge,
        "code_challenge_method": "S256",
        "state": asking.state,
        "ui_locales": visit.language,
    }
    asked |= {name: value for name, value in (("prompt", prompt), ("login_hint", hint), ("purpose", purpose)) if value}
    headers = {"Location": f"{client.accounts}/authorize?{urlencode(asked)}", "Cache-Control": "no-store"}
    response = web.Response(status=303, headers=headers)
    if visit.fresh:
        site.greet(response, visit.visitor)
    return response


async def traded(upstream: Upstream, visit: Visit, client: Client, now: datetime, answer: Answer) -> Traded | None:
    """Return the tokens for a code, and where to go on; None where this browser has not asked, or has no code.

    Raises Problem where accounts refuses the code.
    """
    asking = Asking.found(visit.visitor, now, answer.state)
    if asking is None or client.id not in ("", asking.client):
        return None
    if answer.iss != client.accounts or answer.error or not answer.code:
        return None
    asked = {
        "grant_type": "authorization_code",
        "code": answer.code,
        "client_id": asking.client,
        "redirect_uri": client.origin + BACK,
        "code_verifier": asking.verifier,
    }
    try:
        tokens = await upstream.send(visit, "accounts", "POST", "/token", urlencode(asked).encode(), FORM)
    except Problem as refused:
        if refused.status != 400:
            raise
        raise torn() from None
    return Traded(tokens, asking.after, asking.client)


async def hint_of(upstream: Upstream, visit: Visit) -> str:
    """Return what means to accounts whoever is signed in here; nothing for others, and where it cannot be had."""
    if visit.session is None:
        return ""
    try:
        return (await upstream.get(visit, "accounts", "/me/sign-in-hint"))["hint"]
    except Problem:
        return ""


def torn() -> Problem:
    """Return the problem of an answer that this browser has not asked for; it is raised."""
    return Problem(400, "sign-in-torn", "This browser has not asked to sign in, or too long ago. Sign in once more.")


def once_more(problem: Problem, after: str) -> None:
    """Raise what leads to signing in once more, and back to a page, where that was too long ago (RFC 9470)."""
    if problem.kind == STALE:
        address = f"/sign-in?prompt=login&after={quote(after, safe='/')}"
        raise web.HTTPSeeOther(address, headers={"Cache-Control": "no-store"})
