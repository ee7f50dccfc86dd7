"""Claims: where a customer and a seller do not agree, somebody decides."""

from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.web.account.messages import SERVICE, view
from storefront.web.front import Front

routes = Routes()
FORM = (forms.FORM,)


class Claim(forms.Form):
    """Why somebody asks for a decision, about which line of the order, what has happened, and what is wanted."""

    about: UUID | Literal["all"] = "all"
    reason: Literal["not_received", "not_as_described", "does_not_run", "other"]
    text: Annotated[str, Field(min_length=10, max_length=4000)]


@routes.post("/account/messages/{conversation}/claims", takes=FORM, also={200: HTML, 303: None, 409: HTML, 422: HTML})
async def open_claim(read: Read, begin: Begin, request: web.Request, front: Front, conversation: UUID) -> web.Response:
    """Ask for a decision about the order."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Claim)
    if sent.model is None:
        return await view(front, call, conversation, status=422, sent=sent)
    path = f"/conversations/{conversation}/claims"
    try:
        await front.upstream.post(call.visit, SERVICE, path, _body(sent.model))
    except Problem as problem:
        if problem.status != 409:
            raise
        return await view(front, call, conversation, status=409, refusal=problem, sent=sent)
    return see(f"/account/messages/{conversation}?done=claimed")


@routes.post(
    "/account/messages/{conversation}/claims/{claim}/{act}", takes=FORM, also={200: HTML, 303: None, 409: HTML}
)
async def act_on_claim(
    read: Read,
    begin: Begin,
    request: web.Request,
    front: Front,
    conversation: UUID,
    claim: UUID,
    act: Literal["withdrawal", "appeal"],
) -> web.Response:
    """Take a claim back, or have another reviewer decide once more."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    try:
        await front.upstream.post(call.visit, SERVICE, f"/claims/{claim}/{act}")
    except Problem as problem:
        if problem.status != 409:
            raise
        return await view(front, call, conversation, status=409, refusal=problem)
    return see(f"/account/messages/{conversation}?done=claim-{act}")


def _body(claim: Claim) -> dict[str, Any]:
    """Return a claim as the relay reads it: about all of an order where no line is named."""
    about = [] if claim.about == "all" else [str(claim.about)]
    return {"reason": claim.reason, "text": claim.text, "about": about}
