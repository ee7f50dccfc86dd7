"""How a refusal is answered: as RFC 9457 problem details, which never echo the input."""

from collections.abc import Container, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from aiohttp import web
from pydantic import ValidationError

from chassis.refusals import sentence, slug
from chassis.web.headers import SAFE

MEDIA_TYPE = "application/problem+json"
UNKNOWN = "(unknown field)"
# where an answer keeps the problem that it shows
SHOWN: Final = web.ResponseKey("problem", Exception)
# below the routes nobody else sets these
HEADERS: Final = {"Cache-Control": "no-store", **SAFE}


class RuleBroken(ValueError):
    """A rule of a model is broken; its author's sentence is shown to the client, and must not quote the input."""


class Problem(Exception):
    """A refusal by the door itself; `title` is the sentence the client reads."""

    def __init__(
        self, status: int, kind: str, title: str, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(title)
        self.status, self.kind, self.title = status, kind, title
        self.headers: Mapping[str, str] = headers or {}
        self.members = members

    def response(self) -> web.Response:
        """Return the problem as an answer."""
        body = {"type": f"/problems/{self.kind}", "title": self.title, "status": self.status, **self.members}
        response = web.Response(
            status=self.status,
            body=orjson.dumps(body, default=str),
            content_type=MEDIA_TYPE,
            headers={**HEADERS, **self.headers},
        )
        response[SHOWN] = self
        return response


def unavailable(seconds: int = 2) -> Problem:
    """Return the problem of a service that cannot answer at the moment."""
    return Problem(
        503, "unavailable", "The service cannot answer at the moment; try again.", {"Retry-After": str(seconds)}
    )


def not_found() -> Problem:
    """Return the problem that there is nothing here, or nothing for this caller."""
    return Problem(404, "not-found", "There is nothing here.")


def card_number(*fields: str) -> Problem:
    """Return the problem of a card number in these fields, whatever it was meant for."""
    title = "A card number stands here: it is entered on the payment provider's page, and nowhere else."
    return Problem(422, "card-number", title, faults=[{"at": field, "rule": "card-number"} for field in fields])


def unfit(title: str, at: str, rule: str) -> Problem:
    """Return the problem that a field or parameter is refused by a rule that no model states."""
    return Problem(422, "invalid", title, faults=[{"at": at, "rule": rule}])


def below_routes(error: web.HTTPException) -> Problem:
    """Return as a problem what aiohttp itself refuses: its own texts repeat what the client has sent."""
    match error:
        case web.HTTPMethodNotAllowed():
            allowed = {"Allow": ",".join(sorted(error.allowed_methods))}
            return Problem(405, "method-not-allowed", "This address does not know that method.", allowed)
        case web.HTTPNotFound():
            return not_found()
        case _:
            phrase = HTTPStatus(error.status).phrase
            return Problem(error.status, phrase.lower().replace(" ", "-"), f"{phrase}.")


def from_error(error: Exception, status: int) -> Problem:
    """Return a domain error as a problem: its name is the type, its docstring the title, its `facts` members.

    The fact `retry_after_seconds` is the header Retry-After, too (RFC 9110, 10.2.3).
    """
    facts: dict[str, Any] = getattr(error, "facts", {})
    after = {"Retry-After": str(facts["retry_after_seconds"])} if "retry_after_seconds" in facts else {}
    return Problem(status, slug(type(error)), sentence(type(error)), after, **facts)


def invalid(error: ValidationError, where: str, ours: Container[str] = ()) -> Problem:
    """Return what is wrong with a request and where; of the names in it only `ours` are repeated.

    A rule of a model is shown as its author's sentence, which a `RuleBroken` is for.
    """
    faults: list[dict[str, str]] = []
    malformed = False
    for fault in error.errors(include_url=False, include_input=False):
        malformed = malformed or fault["type"] == "json_invalid"
        path = named(fault["loc"], ours)
        if fault["type"] == "extra_forbidden":
            path = [*path[:-1], UNKNOWN]
        shown = {"at": ".".join([where, *path]), "rule": fault["type"]}
        if isinstance(broken := fault.get("ctx", {}).get("error"), RuleBroken):
            shown = {**shown, "rule": "rule-broken", "reason": str(broken)}
        faults.append(shown)
    if malformed:
        return Problem(400, "malformed", "The request body is not valid JSON.")
    return Problem(422, "invalid", "The request has fields that are missing, unknown or out of range.", faults=faults)


def named(path: Iterable[int | str], ours: Container[str]) -> list[str]:
    """Return the path to a field of a document; of its names only `ours` are repeated."""
    return [str(step) if isinstance(step, int) or step in ours else UNKNOWN for step in path]
