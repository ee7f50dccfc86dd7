"""Withdrawing from a contract in two steps (BGB 356a): by anybody, or by a customer from an order (ORD-8)."""

from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.web.front import Call, Front

routes = Routes()
FORM: Final = (forms.FORM,)
HERE: Final = "/withdrawal"
# a page tells by itself what these mean; whatever else is refused is a fault of a field
SHOWN: Final = (404, 422, 429)


class Declaration(forms.Form):
    """Who withdraws from which order, and where the receipt goes; `once` is the declaration's id."""

    once: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    name: Annotated[str, Field(min_length=1, max_length=100, repr=False)]
    number: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9-]+$")]
    email: Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^\s@]+@[^\s@]+$", repr=False)]


@routes.get(HERE, also={200: HTML})
async def view_withdrawal(
    read: Read, begin: Begin, request: web.Request, front: Front, done: bool = False
) -> web.Response:
    """The form by which anybody withdraws, without signing in."""
    call = await front.receive(read, begin, request)
    return _page(front, call, "done" if done else "form", None)


@routes.post(HERE, takes=FORM, also={200: HTML, 422: HTML})
async def prepare_withdrawal(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """What is to be declared, once more, to be confirmed."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Declaration)
    if sent.model is None:
        return _page(front, call, "form", sent, status=422)
    return _page(front, call, "confirm", sent)


@routes.post(f"{HERE}/confirmation", takes=FORM, also={303: None, 404: HTML, 422: HTML, 429: HTML})
async def confirm_withdrawal(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Declare it; what the page says then is the same whatever was typed."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Declaration)
    if sent.model is None:
        return _page(front, call, "form", sent, status=422)
    body = sent.model.model_dump(exclude={"once"}) | {
        "withdrawal": sent.model.once,
        "tenant": call.shop.tenant,
        "channel": call.shop.channel,
        "language": call.visit.language,
    }
    try:
        await front.upstream.post(call.visit, "orders", "/withdrawals", body)
    except Problem as refused:
        if refused.status not in SHOWN:
            raise
        fault = "enough" if refused.status == 429 else "email-malformed"
        return _page(front, call, "form", sent.refused({"email": fault}), status=refused.status)
    return see(f"{HERE}?done=true")


@routes.get("/orders/{order}/withdrawal", also={200: HTML})
async def view_order_withdrawal(
    read: Read, begin: Begin, request: web.Request, front: Front, order: UUID
) -> web.Response:
    """The lines of an order, to choose from which one withdraws."""
    call = await front.customer(read, begin, request)
    return await _of_order(front, call, order, None, step="choose")


@routes.post("/orders/{order}/withdrawal", takes=FORM, also={200: HTML, 422: HTML})
async def prepare_order_withdrawal(
    read: Read, begin: Begin, request: web.Request, front: Front, order: UUID
) -> web.Response:
    """What was chosen, once more, to be confirmed."""
    call = await front.customer(read, begin, request)
    chosen = (await forms.fields(request, call.visit)).get("line", [])
    return await _of_order(front, call, order, chosen, step="confirm" if chosen else "choose")


@routes.post("/orders/{order}/withdrawal/confirmation", takes=FORM, also={303: None, 422: HTML})
async def confirm_order_withdrawal(
    read: Read, begin: Begin, request: web.Request, front: Front, order: UUID
) -> web.Response:
    """Declare it; the order's page says what follows for each line."""
    call = await front.customer(read, begin, request)
    found = await forms.fields(request, call.visit)
    chosen, once = found.get("line", []), found.get("once", [""])[0]
    if not chosen:
        return await _of_order(front, call, order, chosen, step="choose")
    body = {"lines": chosen, "language": call.visit.language}
    await front.upstream.post(call.visit, "orders", f"/orders/{order}/withdrawals", body, key=f"withdrawal-{once}")
    return see(f"/orders/{order}")


async def _of_order(front: Front, call: Call, order: UUID, chosen: list[str] | None, *, step: str) -> web.Response:
    found: dict[str, Any] = await front.upstream.get(call.visit, "orders", f"/orders/{order}")
    ended = ("refunded", "cancelled")
    left = [line for line in found["lines"] if any(unit["state"] not in ended for unit in line["units"])]
    lines = [line for line in left if chosen is None or step == "choose" or line["line"] in chosen]
    return front.page(
        call,
        "order-withdrawal.html",
        status=422 if chosen is not None and step == "choose" else 200,
        order=found,
        lines=lines,
        step=step,
        nothing=chosen is not None and not chosen,
        once=str(uuid4()),
    )


def _page(
    front: Front, call: Call, step: str, sent: forms.Sent[Declaration] | None, *, status: int = 200
) -> web.Response:
    once = (sent.typed.get("once") if sent else None) or str(uuid4())
    return front.page(call, "withdrawal.html", status=status, step=step, sent=sent, once=once)
