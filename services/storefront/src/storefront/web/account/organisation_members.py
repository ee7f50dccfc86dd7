"""One organisation: who is of it, whom its owners invite, what it is called, and how one leaves or ends it."""

from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.acting import acting_of
from pages.authorization import AGAIN, once_more
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.web.account import room
from storefront.web.account.organisation import Naming, Once
from storefront.web.front import Call, Front

routes = Routes()
FORM = (forms.FORM,)
Role = Literal["owner", "buyer", "auditor"]
SHOWN: dict[int, Any] = {200: HTML, 303: None, 403: HTML, 404: HTML, 409: HTML, 422: HTML, 429: HTML}


class Inviting(forms.Form):
    """Whom to invite, as what; the same form again is one letter."""

    once: Once
    email: Annotated[str, Field(min_length=3, max_length=254, repr=False)]
    role: Role


class RoleGiven(forms.Form):
    """What a member is from now on."""

    role: Role


class Sure(forms.Form):
    """That one has read what follows."""

    sure: Literal["yes"]


@routes.get("/account/organisation/{organisation}", also={200: HTML})
async def members(
    read: Read, begin: Begin, request: web.Request, front: Front, organisation: UUID, done: room.Done = ""
) -> web.Response:
    """An organisation, its members, and for owners the invitations that wait."""
    return await _page(front, await front.customer(read, begin, request), organisation, done=done)


@routes.post("/account/organisation/{organisation}", takes=FORM, also=SHOWN)
async def rename(read: Read, begin: Begin, request: web.Request, front: Front, organisation: UUID) -> web.Response:
    """Give it another name and VAT id."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Naming)
    if sent.model is None:
        return await _page(front, call, organisation, naming=sent, status=422)
    try:
        await front.upstream.put(call.visit, "accounts", f"/organisations/{organisation}", sent.model.body)
    except Problem as problem:
        again = sent.refused(room.refused(problem))
        return await _page(front, call, organisation, naming=again, status=problem.status)
    await _act_anew(front, begin, call, organisation)
    return _back(organisation, "organisation-renamed")


@routes.post("/account/organisation/{organisation}/invitations", takes=FORM, also=SHOWN)
async def invite(read: Read, begin: Begin, request: web.Request, front: Front, organisation: UUID) -> web.Response:
    """Invite somebody by mail."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Inviting)
    if sent.model is None:
        return await _page(front, call, organisation, inviting=sent, status=422)
    path = f"/organisations/{organisation}/invitations"
    try:
        await front.upstream.post(
            call.visit, "accounts", path, sent.model.model_dump(exclude={"once"}), key=sent.model.once
        )
    except Problem as problem:
        faults = room.refused(problem, {"email": "email"}, page=_path(organisation))
        known = {"already-member": {"email": "already-member"}, "too-many-letters": {"email": "too-many-letters"}}
        faults = known.get(problem.kind, faults)
        if faults.get("email") == "rule-broken":
            faults["email"] = "email"
        return await _page(front, call, organisation, inviting=sent.refused(faults), status=problem.status)
    return _back(organisation, "organisation-invited")


@routes.post("/account/organisation/{organisation}/invitations/{invitation}/withdrawal", takes=FORM, also={303: None})
async def withdraw(
    read: Read, begin: Begin, request: web.Request, front: Front, organisation: UUID, invitation: UUID
) -> web.Response:
    """Take an invitation back; nothing is done where it does not count any more."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    try:
        path = f"/organisations/{organisation}/invitations/{invitation}"
        await front.upstream.delete(call.visit, "accounts", path)
    except Problem as problem:
        if problem.kind != "invitation-unknown":
            raise
    return _back(organisation, "organisation-withdrawn")


@routes.post("/account/organisation/{organisation}/members/{member}", takes=FORM, also=SHOWN)
async def change_role(
    read: Read, begin: Begin, request: web.Request, front: Front, organisation: UUID, member: UUID
) -> web.Response:
    """Give a member another role."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, RoleGiven)
    if sent.model is None:
        return _back(organisation, "")
    path = f"/organisations/{organisation}/members/{member}"
    try:
        await front.upstream.put(call.visit, "accounts", path, {"role": sent.model.role})
    except Problem as problem:
        return await _page(front, call, organisation, refusal=_kind(problem, organisation), status=problem.status)
    if str(member) == call.session.subject:
        await _act_anew(front, begin, call, organisation)
    return _back(organisation, "organisation-role")


@routes.post("/account/organisation/{organisation}/members/{member}/removal", takes=FORM, also=SHOWN)
async def remove(
    read: Read, begin: Begin, request: web.Request, front: Front, organisation: UUID, member: UUID
) -> web.Response:
    """Remove a member, or leave."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    try:
        await front.upstream.delete(call.visit, "accounts", f"/organisations/{organisation}/members/{member}")
    except Problem as problem:
        return await _page(front, call, organisation, refusal=_kind(problem, organisation), status=problem.status)
    if str(member) != call.session.subject:
        return _back(organisation, "organisation-removed")
    await _act_anew(front, begin, call, organisation)
    return see("/account/organisation?done=organisation-left")


@routes.post("/account/organisation/{organisation}/ending", takes=FORM, also=SHOWN)
async def end(read: Read, begin: Begin, request: web.Request, front: Front, organisation: UUID) -> web.Response:
    """End the organisation."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Sure)
    if sent.model is None:
        return await _page(front, call, organisation, ending=sent, status=422)
    try:
        await front.upstream.delete(call.visit, "accounts", f"/organisations/{organisation}")
    except Problem as problem:
        return await _page(front, call, organisation, refusal=_kind(problem, organisation), status=problem.status)
    await _act_anew(front, begin, call, organisation)
    return see("/account/organisation?done=organisation-ended")


async def _act_anew(front: Front, begin: Begin, call: Call, organisation: UUID) -> None:
    """Ask for tokens that say what is so now, where the session acts for this organisation."""
    acting = acting_of(call.visit.session)
    if acting is not None and acting.id == str(organisation):
        await front.site.sessions.renew(begin, call.visit)


def _kind(problem: Problem, organisation: UUID) -> str:
    """Return what was refused, where the page can show it; raises the problem else.

    Where one must have signed in just now, and has not, it leads there, and back to the page.
    """
    once_more(problem, f"{_path(organisation)}?done={AGAIN}")
    if problem.status != 409:
        raise problem
    return problem.kind


def _path(organisation: UUID) -> str:
    return f"/account/organisation/{organisation}"


def _back(organisation: UUID, done: str) -> web.Response:
    return see(_path(organisation) + (f"?done={done}" if done else ""))


async def _page(
    front: Front,
    call: Call,
    organisation: UUID,
    *,
    done: str = "",
    status: int = 200,
    refusal: str = "",
    naming: forms.Sent[Naming] | None = None,
    inviting: forms.Sent[Inviting] | None = None,
    ending: forms.Sent[Sure] | None = None,
) -> web.Response:
    path = f"/organisations/{organisation}"
    found = await front.upstream.get(call.visit, "accounts", path)
    is_owner = found["role"] == "owner"
    invited = await front.upstream.items(call.visit, "accounts", f"{path}/invitations") if is_owner else []
    return room.page(
        front,
        call,
        "organisation",
        "organisation.html",
        status=status,
        done=done,
        organisation=found,
        invited=invited,
        is_owner=is_owner,
        once=str(uuid4()),
        refusal=refusal,
        naming=naming,
        inviting=inviting,
        ending=ending,
    )
