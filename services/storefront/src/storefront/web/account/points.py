"""Points: taking part in the programme, the balance and how it came about, and what there is for it."""

import asyncio
from typing import Annotated, Any
from uuid import uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()
FORM = (forms.FORM,)
POSTINGS, MEETINGS = 20, 20


class Enrol(forms.Form):
    """By which clock a month begins for the programme's rules."""

    time_zone: Annotated[str, Field(pattern=r"^[A-Za-z0-9._+/-]{1,64}$")]


@routes.get("/account/points", also={200: HTML})
async def points(read: Read, begin: Begin, request: web.Request, front: Front, done: room.Done = "") -> web.Response:
    """The balance, the rewards, what was redeemed, and the latest changes; or what taking part means."""
    call = await front.customer(read, begin, request)
    member = await member_of(front, call)
    if member is None:
        return await _enrol_page(front, call, done=done)
    rewards, earning, redeemed, postings = await asyncio.gather(
        rewards_for(front, call, member["market"]),
        earning_in(front, call, member["market"]),
        front.upstream.get(call.visit, "rewards", "/members/me/redemptions", limit=20),
        front.upstream.get(call.visit, "rewards", "/members/me/postings", limit=5),
    )
    return room.page(
        front,
        call,
        "points",
        "points.html",
        done=done,
        member=member,
        rewards=rewards,
        earning=earning,
        names={reward["reward"]: reward["name"] for reward in rewards},
        redemptions=redeemed["items"],
        postings=postings["items"],
    )


@routes.post("/account/points", takes=FORM, also={200: HTML, 303: None, 422: HTML})
async def enrol(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Take part from now on."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Enrol)
    if sent.model is None:
        return await _enrol_page(front, call, sent, status=422)
    body = {"time_zone": sent.model.time_zone, "language": call.visit.language}
    try:
        await front.upstream.post(call.visit, "rewards", "/members", body, key=str(uuid4()))
    except Problem as problem:
        again = sent.refused(room.refused(problem) | {"time_zone": problem.kind})
        return await _enrol_page(front, call, again, status=problem.status)
    return see("/account/points?done=enrolled")


@routes.post("/account/points/leaving", takes=FORM, also={303: None})
async def leave(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Earn nothing more; points that are there can still be spent."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    await front.upstream.delete(call.visit, "rewards", "/members/me")
    return see("/account/points?done=left")


@routes.get("/account/points/postings", also={200: HTML})
async def postings(
    read: Read, begin: Begin, request: web.Request, front: Front, cursor: room.Cursor | None = None
) -> web.Response:
    """Every change of the balance, with its arithmetic."""
    call = await front.customer(read, begin, request)
    found = await front.upstream.get(call.visit, "rewards", "/members/me/postings", limit=POSTINGS, cursor=cursor)
    return room.page(front, call, "points", "postings.html", postings=found["items"], more=found["next"])


@routes.get("/account/points/meetings", also={200: HTML})
async def meetings(
    read: Read, begin: Begin, request: web.Request, front: Front, cursor: room.Cursor | None = None
) -> web.Response:
    """The meetings that were held, and what became of each."""
    call = await front.customer(read, begin, request)
    found = await front.upstream.get(call.visit, "rewards", "/members/me/meetings", limit=MEETINGS, cursor=cursor)
    return room.page(front, call, "points", "meetings.html", meetings=found["items"], more=found["next"])


async def member_of(front: Front, call: Call) -> Any:
    """Return the membership; None of somebody who has never taken part."""
    try:
        return await front.upstream.get(call.visit, "rewards", "/members/me")
    except Problem as problem:
        if problem.kind != "not-enrolled":
            raise
        return None


async def earning_in(front: Front, call: Call, market: str) -> list[Any]:
    """Return how points are earned in a market now."""
    return await front.upstream.items(None, "rewards", "/earning", tenant=call.shop.tenant, market=market)


async def rewards_for(front: Front, call: Call, market: str) -> list[Any]:
    """Return what there is for points in a market now, the cheapest first."""
    found = await front.upstream.items(
        None,
        "rewards",
        "/rewards",
        tenant=call.shop.tenant,
        market=market,
        language=call.visit.language,
    )
    return sorted(found, key=lambda reward: reward["points"])


async def _enrol_page(
    front: Front, call: Call, sent: forms.Sent[Enrol] | None = None, *, status: int = 200, done: str = ""
) -> web.Response:
    me: dict[str, Any] = await front.upstream.get(call.visit, "accounts", "/me")
    rewards, earning = await asyncio.gather(
        rewards_for(front, call, me["market"]), earning_in(front, call, me["market"])
    )
    return room.page(
        front,
        call,
        "points",
        "enrol.html",
        status=status,
        done=done,
        sent=sent,
        zone=front.site.zone.key,
        rewards=rewards,
        earning=earning,
    )
