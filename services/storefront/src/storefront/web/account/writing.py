"""Writing to a seller on a page: it goes the way of a message by mail, and the answer comes by mail."""

from typing import Annotated
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


class Message(forms.Form):
    """What is written, and under which subject; `once` is the page's own, so that pressing twice writes once."""

    subject: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
    message: Annotated[str, Field(min_length=1, max_length=10_000)]
    once: UUID


@routes.post(
    "/account/messages/{conversation}/messages",
    takes=(forms.FORM,),
    also={200: HTML, 303: None, 404: HTML, 422: HTML, 429: HTML},
)
async def write(read: Read, begin: Begin, request: web.Request, front: Front, conversation: UUID) -> web.Response:
    """Send a message to the seller; what is not passed on is said beside the form, and what was typed stays."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Message)
    if sent.model is None:
        return await view(front, call, conversation, status=422, letter=sent)
    body = {"subject": sent.model.subject, "text": sent.model.message, "once": str(sent.model.once)}
    try:
        kept = await front.upstream.post(call.visit, SERVICE, f"/conversations/{conversation}/messages", body)
    except Problem as problem:
        if problem.status not in (422, 429):
            raise
        return await view(front, call, conversation, status=problem.status, refusal=problem, letter=sent)
    return see(f"/account/messages/{conversation}?done={'held' if kept['held'] else 'written'}")
