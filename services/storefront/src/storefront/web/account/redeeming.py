"""Spending points: what a reward needs to know is asked for on a page of its own."""

from typing import Annotated, Any
from uuid import uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes, not_found
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.web.account import points, room
from storefront.web.front import Call, Front

routes = Routes()
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Text = Annotated[str, Field(max_length=200, repr=False)]
ADDRESS = ("name", "street", "postal_code", "city", "country")


class Redeem(forms.Form):
    """Where a reward goes: miles to an account, a shipment to an address, a voucher needs neither."""

    once: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    account: Text = ""
    name: Text = ""
    street: Text = ""
    postal_code: Text = ""
    city: Text = ""
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""

    def body(self, reward: str, kind: str) -> dict[str, Any]:
        """Return what rewards is sent for a reward of a kind."""
        destination: dict[str, Any] = {}
        if kind == "miles":
            destination = {"account": self.account}
        elif kind == "shipment":
            destination = {"address": {name: getattr(self, name) for name in ADDRESS}}
        return {"reward": reward} | destination


@routes.get("/account/points/rewards/{reward}", also={200: HTML})
async def reward(read: Read, begin: Begin, request: web.Request, front: Front, reward: Name) -> web.Response:
    """One reward: what it costs, what is left then, and where it shall go."""
    call = await front.customer(read, begin, request)
    return await _page(front, call, reward)


@routes.post("/account/points/rewards/{reward}", takes=(forms.FORM,), also={200: HTML, 303: None, 409: HTML, 422: HTML})
async def redeem(read: Read, begin: Begin, request: web.Request, front: Front, reward: Name) -> web.Response:
    """Spend the points; the same form again redeems once."""
    call = await front.customer(read, begin, request)
    # the number of a miles account may look like a card's
    sent = await forms.read(request, call.visit, Redeem, secret=frozenset({"account"}))
    if sent.model is None:
        return await _page(front, call, reward, sent, status=422)
    _, offered = await _offered(front, call, reward)
    body = sent.model.body(reward, offered["kind"])
    try:
        await front.upstream.post(call.visit, "rewards", "/redemptions", body, key=sent.model.once)
    except Problem as problem:
        known = {f"address.{name}": name for name in ADDRESS}
        again = sent.refused(room.refused(problem, known))
        return await _page(front, call, reward, again, status=problem.status)
    return see("/account/points?done=redeemed")


async def _page(
    front: Front, call: Call, reward: str, sent: forms.Sent[Redeem] | None = None, *, status: int = 200
) -> web.Response:
    member, offered = await _offered(front, call, reward)
    once = (sent.typed.get("once") if sent else None) or str(uuid4())
    return room.page(
        front, call, "points", "reward.html", status=status, member=member, reward=offered, sent=sent, once=once
    )


async def _offered(front: Front, call: Call, reward: str) -> tuple[Any, Any]:
    member = await points.member_of(front, call)
    if member is None:
        raise not_found()
    for offered in await points.rewards_for(front, call, member["market"]):
        if offered["reward"] == reward:
            return member, offered
    raise not_found()
