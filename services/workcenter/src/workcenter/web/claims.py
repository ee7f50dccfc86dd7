"""Claims: which wait for a decision, what both sides have stated, and the decision."""

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from workcenter.web.asking import piece
from workcenter.web.desk import FORM, Desk, Note, Word, act, many, noted
from workcenter.web.finding import numbers_of
from workcenter.web.tables import Asked, listed

routes = Routes()
STATES = ("open", "review", "decided", "appealed", "final", "withdrawn")
# the form offers first what the buyer claims: whoever decides for the seller has to say why
CONTRADICTIONS = {("for_seller", "shown_by_buyer"), ("for_buyer", "shown_by_seller")}
COLUMNS = ("reason", "state", "opened_at", "due_at", "seller", "order")


class Decide(forms.Form):
    """For whom, why, and which units go back; all of them where none is ticked."""

    outcome: Literal["for_buyer", "for_seller"]
    grounds: Literal["agreed", "shown_by_buyer", "shown_by_seller", "not_shown"]
    units: Annotated[list[UUID], Field(max_length=1000, default_factory=list[UUID]), many]


@routes.get("/cases/claims", also={200: HTML})
async def list_claims(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    state: Word = "",
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
    cursor: Word | None = None,
) -> web.Response:
    """The claims in a state, or those that wait for a decision."""
    visit = await desk.receive(read, begin, request)
    chosen = state if state in STATES else ""
    kept = {"state": chosen} if chosen else {}
    found, durations = await asyncio.gather(
        listed(
            desk,
            visit,
            ("mail-relay", "/claims"),
            "/cases/claims",
            COLUMNS,
            Asked(sort, descending, find, cursor),
            kept=kept,
            query=kept,
        ),
        piece(desk, visit, "mail-relay", "/claim-durations"),
    )
    numbers = await numbers_of(desk, visit, [one["order"] for one in found.rows])
    return desk.page(
        visit, "claims.html", table=found, numbers=numbers, durations=durations, states=STATES, state=chosen
    )


@routes.get("/claims/{claim}", also={200: HTML})
async def view(
    read: Read, begin: Begin, request: web.Request, desk: Desk, claim: UUID, note: Note = ""
) -> web.Response:
    """A claim with what both sides have stated, and its order."""
    visit = await desk.receive(read, begin, request)
    found = await desk.upstream.get(visit, "mail-relay", f"/claims/{claim}")
    order, proof = await asyncio.gather(
        piece(desk, visit, "orders", f"/orders/{found['order']}"),
        piece(desk, visit, "delivery", f"/orders/{found['order']}/downloads"),
    )
    return desk.page(visit, "claim.html", claim=found, order=order, proof=proof, note=note)


@routes.post("/claims/{claim}/decision", takes=FORM, also={303: None})
async def decide(read: Read, begin: Begin, request: web.Request, desk: Desk, claim: UUID) -> web.Response:
    """Decide a claim."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Decide)).model
    here = f"/claims/{claim}"
    if form is None:
        return see(noted(here, "refused-invalid"))
    if (form.outcome, form.grounds) in CONTRADICTIONS:
        return see(noted(here, "refused-contradiction"))
    body = {"outcome": form.outcome, "grounds": form.grounds, "units": [str(unit) for unit in form.units]}
    return await act(desk.upstream.post(visit, "mail-relay", f"{here}/decision", body), here, "decided")
