"""Confirming the address with which one has registered, by the code of a letter."""

from typing import Annotated
from urllib.parse import quote

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.web.front import Call, Front
from storefront.web.signing_in import After, begun

routes = Routes()
FORM = (forms.FORM,)
# somebody else has confirmed the address meanwhile: no code will do
GONE = ("customer-unknown", "email-taken")
# letters and digits of a code
CODE_SIGNS = 8
MAILED = ("again", "corrected")
FIELDS = {"password-refused": "password", "throttled": "password"}


class Confirmation(forms.Form):
    """The code of the letter."""

    code: Annotated[str, Field(min_length=1, max_length=40, repr=False)]
    after: After = "/account"


class Correction(forms.Form):
    """The address that was meant, and the password that was chosen."""

    email: Annotated[str, Field(min_length=1, max_length=254, repr=False)]
    password: Annotated[str, Field(min_length=1, max_length=200, repr=False)]
    after: After = "/account"


class Again(forms.Form):
    """Where to go on afterwards."""

    after: After = "/account"


@routes.get("/confirm", also={200: HTML, 303: None})
async def view_confirm(
    read: Read, begin: Begin, request: web.Request, front: Front, after: After = "/account", mailed: str = ""
) -> web.Response:
    """The form for the code."""
    call = await front.receive(read, begin, request)
    if not call.session.must_confirm:
        return see(after)
    return await _page(front, call, after, mailed=mailed if mailed in MAILED else "")


@routes.post("/confirm", takes=FORM, also={200: HTML, 303: None, 404: HTML, 409: HTML, 422: HTML, 429: HTML})
async def confirm(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Confirm the address by its code, and go on to where one was going."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Confirmation, secret=frozenset({"code"}))
    if not call.session.must_confirm:
        return see(sent.typed.get("after", "/account"))
    if sent.model is None:
        return await _page(front, call, sent.typed.get("after", "/account"), sent, status=422)
    if sum(sign.isalnum() for sign in sent.model.code) != CODE_SIGNS:
        return await _page(front, call, sent.model.after, sent.refused({"code": "code-length"}), status=422)
    try:
        body = {"code": sent.model.code}
        tokens = await front.upstream.post(call.visit, "accounts", "/me/email/registered/confirmation", body)
    except Problem as refused:
        if refused.status not in (404, 409, 422, 429):
            raise
        again = sent.refused({"code": "code-refused" if refused.kind in GONE else refused.kind})
        return await _page(front, call, sent.model.after, again, status=refused.status)
    await front.site.sessions.end(begin, call.visit)
    return await begun(front, begin, call, tokens, sent.model.after)


@routes.post("/confirm/again", takes=FORM, also={303: None, 429: HTML})
async def mail_again(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Have another code mailed; the one before counts, too."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Again)
    after = sent.model.after if sent.model else "/account"
    if not call.session.must_confirm:
        return see(after)
    try:
        await front.upstream.post(call.visit, "accounts", "/me/email/registered/code")
    except Problem as refused:
        if refused.status != 429:
            raise
        return await _page(front, call, after, status=429, refusal=refused.kind)
    return see(f"/confirm?mailed=again&after={quote(after, safe='/')}")


@routes.post("/confirm/address", takes=FORM, also={200: HTML, 303: None, 403: HTML, 409: HTML, 422: HTML, 429: HTML})
async def correct(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Correct a mistyped address: a code goes to the other one, and those before count no more."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Correction, secret=frozenset({"password"}))
    after = sent.typed.get("after", "/account")
    if not call.session.must_confirm:
        return see(after)
    if sent.model is None:
        return await _page(front, call, after, correction=sent, status=422)
    try:
        body = {"email": sent.model.email, "password": sent.model.password}
        await front.upstream.put(call.visit, "accounts", "/me/email/registered", body)
    except Problem as refused:
        if refused.status not in (403, 409, 422, 429):
            raise
        faults = forms.refused(refused, {}) or {FIELDS.get(refused.kind, "email"): refused.kind}
        faults = {name: "email" if name == "email" and refused.status == 422 else rule for name, rule in faults.items()}
        return await _page(front, call, after, correction=sent.refused(faults), status=refused.status)
    return see(f"/confirm?mailed=corrected&after={quote(after, safe='/')}")


async def _page(
    front: Front,
    call: Call,
    after: str,
    sent: forms.Sent[Confirmation] | None = None,
    *,
    status: int = 200,
    refusal: str = "",
    mailed: str = "",
    correction: forms.Sent[Correction] | None = None,
) -> web.Response:
    me = await front.upstream.get(call.visit, "accounts", "/me")
    facts = {"email": me["email"], "after": after, "sent": sent, "correction": correction}
    facts |= {"refusal": refusal, "mailed": mailed}
    return front.page(call, "confirm.html", status=status, **facts)
