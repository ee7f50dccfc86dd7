"""Where the link of an invitation to an organisation leads: to an account, or to the offer for who has one."""

from typing import Annotated
from urllib.parse import quote

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pages.visit import new_visitor
from pydantic import Field

from pages import authorization, forms
from storefront.web.account import room
from storefront.web.front import Call, Front, confirm_first

routes = Routes()
FORM = (forms.FORM,)
Code = Annotated[str, Field(max_length=64)]
JOINED = "/account/organisation?done=organisation-joined"


class Other(forms.Form):
    """The code that is for another address than that of who is signed in."""

    code: Annotated[Code, Field(repr=False)]


@routes.get("/invited", also={200: HTML, 303: None, 404: HTML})
async def invited(read: Read, begin: Begin, request: web.Request, front: Front, code: Code = "") -> web.Response:
    """Lead who is not signed in to the pages of accounts; show the offer to who reads its address."""
    call = await front.receive(read, begin, request)
    if call.visit.session is None:
        return _lead(front, call, read, code)
    if call.visit.session.must_confirm:
        raise confirm_first(_here(code))
    try:
        offer = await front.upstream.post(call.visit, "accounts", "/me/organisation-invitation", {"code": code or "-"})
    except Problem as problem:
        if problem.status not in (404, 422):
            raise
        me = await front.upstream.get(call.visit, "accounts", "/me")
        return room.page(
            front, call, "organisation", "organisation-else.html", status=404, email=me["email"], code=code
        )
    return room.page(front, call, "organisation", "organisation-offer.html", offer=offer, code=code)


@routes.post("/invited", takes=FORM, also={303: None})
async def sign_out_and_go_on(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Sign out, and come back with the code: it is for somebody else than who was signed in."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Other, secret=frozenset({"code"}))
    if call.visit.session is not None:
        await front.site.sessions.end(begin, call.visit)
    response = see(_here(sent.model.code if sent.model else ""))
    front.site.greet(response, new_visitor())
    return response


def _here(code: str) -> str:
    return f"/invited?code={quote(code, safe='')}"


def _lead(front: Front, call: Call, read: Read, code: str) -> web.Response:
    return authorization.lead(front.site, call.visit, front.client(call), read.now, JOINED, "joining", code)
