"""Asking several services for one page: what one refuses or cannot answer leaves a gap, not an error."""

from dataclasses import dataclass
from typing import Any, Literal

from chassis.web import Problem
from pages.visit import Visit

from workcenter.web.desk import Desk

State = Literal["here", "none", "denied", "away", "absent"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page: `facts` where it is here.

    Otherwise there is none of it, whoever looks may not see it, the service is away, or not part of the installation.
    """

    state: State
    facts: Any = None

    @property
    def here(self) -> bool:
        """Whether there is something to show."""
        return self.state == "here"

    @property
    def entries(self) -> list[Any]:
        """What a list has, nothing where it is not here."""
        return self.facts.get("items", []) if self.here else []

    @property
    def following(self) -> str | None:
        """The cursor of a list's next page."""
        return self.facts.get("next") if self.here else None


async def piece(desk: Desk, visit: Visit, service: str, path: str, **query: Any) -> Piece:
    """Return what a route answers, as a part of a page."""
    if not desk.upstream.has(service):
        return Piece("absent")
    try:
        return taken(await desk.upstream.get(visit, service, path, **query))
    except Problem as refused:
        if refused.status in (401, 403):
            return Piece("denied")
        if refused.status in (404, 409, 410):
            return Piece("none")
        if refused.status in (429, 503):
            return Piece("away")
        raise


def taken(facts: Any) -> Piece:
    """Return an answer as a part of a page; 202 says that it is not there yet."""
    if facts is None or (isinstance(facts, dict) and "pending" in facts):
        return Piece("none")
    return Piece("here", facts)


async def nothing() -> Piece:
    """Return a part that was not asked for."""
    return Piece("absent")
