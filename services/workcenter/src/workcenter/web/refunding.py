"""Giving money back: first the question with its sum, then the refund, and a page on which it is done."""

import asyncio
from typing import Annotated, Any, Final, Literal
from uuid import UUID, uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML, see
from pages.visit import Visit
from pydantic import Field

from pages import forms
from workcenter.domain.refunds import Chosen, at_places, chosen, ended_lines, places
from workcenter.web.asking import piece
from workcenter.web.desk import FORM, Desk, act, many, noted

routes = Routes()
# so often is looked whether a refund has come to other services by events; the page is shown then all the same
LOOKS: Final = 20
EVERY_SECONDS: Final = 0.2
Reason = Literal["goodwill", "withdrawal", "defect"]
Places = Annotated[str, Field(max_length=3000, pattern=r"^[0-9x]*$")]
Units = Annotated[list[UUID], Field(min_length=1, max_length=500), many]


class Question(forms.Form):
    """Units to take back, and why."""

    units: Units
    reason: Reason


class Refund(forms.Form):
    """The same, decided; `once` is the form's, so that a second press is no second refund."""

    units: Units
    reason: Literal["goodwill", "withdrawal", "defect", "provider"]
    repayment: UUID | None = None
    once: UUID


@routes.post("/orders/{order}/refunds/question", takes=FORM, also={303: None})
async def choose(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> web.Response:
    """Lead to the question about the units that were chosen; nothing happens yet."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Question)).model
    here = f"/orders/{order}"
    if form is None:
        return see(noted(here, "refused-no-units"))
    found = await desk.upstream.get(visit, "orders", here)
    wanted: Chosen | None = chosen(found, {str(unit) for unit in form.units})
    if wanted is None:
        return see(noted(here, "refused-not-refundable"))
    return see(f"{here}/refunds/question?units={places(found, wanted)}&reason={form.reason}")


@routes.get("/orders/{order}/refunds/question", also={200: HTML, 303: None})
async def ask(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    order: UUID,
    units: Places = "",
    reason: Reason | None = None,
) -> web.Response:
    """Show what would go back, and ask whether that is meant; nothing happens yet."""
    visit = await desk.receive(read, begin, request)
    here = f"/orders/{order}"
    found = await desk.upstream.get(visit, "orders", here)
    wanted = chosen(found, at_places(found, units))
    if wanted is None or reason is None:
        return see(noted(here, "refused-not-refundable" if units and reason else "refused-no-units"))
    return desk.page(visit, "refund.html", place=here, order=found, chosen=wanted, reason=reason, once=uuid4())


@routes.post("/orders/{order}/refunds", takes=FORM, also={303: None})
async def refund(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID) -> web.Response:
    """Take paid units back, and lead to the order once its links and keys have ended."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Refund)).model
    here = f"/orders/{order}"
    if form is None:
        return see(noted(here, "refused-no-units"))
    body: dict[str, object] = {"units": [str(unit) for unit in form.units], "reason": form.reason}
    if form.repayment is not None:
        body["repayment"] = str(form.repayment)

    async def work() -> None:
        done = await desk.upstream.post(visit, "orders", f"{here}/refunds", body, key=str(form.once))
        await _settled(desk, visit, order, done["refund"] if form.repayment is None else None)

    return await act(work(), here, "refunded")


async def _settled(desk: Desk, visit: Visit, order: UUID, refund_id: str | None) -> None:
    """Wait until delivery, licensing and payments know of a refund, so that the next page shows what became of it."""
    for _ in range(LOOKS):
        if await _known(desk, visit, order, refund_id):
            return
        await asyncio.sleep(EVERY_SECONDS)


async def _known(desk: Desk, visit: Visit, order: UUID, refund_id: str | None) -> bool:
    at = f"/orders/{order}"
    found, grants, licenses, refunds = await asyncio.gather(
        piece(desk, visit, "orders", at),
        piece(desk, visit, "delivery", f"{at}/grants"),
        piece(desk, visit, "licensing", f"{at}/licenses"),
        piece(desk, visit, "payments", f"{at}/refunds"),
    )
    ended = ended_lines(found.facts) if found.here else frozenset[str]()
    links: list[Any] = grants.facts["grants"] if grants.here else []
    alive = [one for one in links if one["line"] in ended and one["state"] != "revoked"]
    valid = [one for one in licenses.entries if one["line"] in ended and one["state"] in ("issued", "suspended")]
    booked = refund_id is None or not refunds.here or refund_id in {one["booking"] for one in refunds.entries}
    return not alive and not valid and booked
