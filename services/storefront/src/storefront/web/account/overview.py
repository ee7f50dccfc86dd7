"""The first page of the account, and the list of all orders."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.acting import acting_of
from pages.site import HTML

from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()
LATEST = 5
ORDERS = 20


class Names(NamedTuple):
    """Names by ids: of those who have ordered, and of organisations."""

    people: Mapping[str, str]
    houses: Mapping[str, str]


@routes.get("/account", also={200: HTML})
async def overview(read: Read, begin: Begin, request: web.Request, front: Front, done: room.Done = "") -> web.Response:
    """What a customer may want to know first: the latest orders, their points, and what to do next."""
    call = await front.customer(read, begin, request)
    latest, links, member, factor = await asyncio.gather(
        room.maybe(front, call, "orders", "/orders", limit=LATEST),
        room.maybe(front, call, "delivery", "/me/grants", limit=20),
        room.maybe(front, call, "rewards", "/members/me"),
        room.maybe(front, call, "accounts", "/me/second-factor"),
    )
    acting = acting_of(call.session)
    orders: list[Any] = latest["items"] if latest else []
    grants: list[Any] = links["items"] if links else []
    return room.page(
        front,
        call,
        "overview",
        "overview.html",
        done=done,
        orders=orders,
        names=await names_of(front, call, orders),
        member=member,
        unpaid=[
            order
            for order in orders
            if order["state"] in ("open", "partly_paid") and order["customer"] == call.session.subject
        ],
        waiting=[grant for grant in grants if is_untouched(grant)] if acting is None or acting.buys else [],
        factor=factor,
    )


@routes.get("/account/orders", also={200: HTML})
async def orders(
    read: Read, begin: Begin, request: web.Request, front: Front, cursor: room.Cursor | None = None
) -> web.Response:
    """All orders, newest first, a page of them at a time."""
    call = await front.customer(read, begin, request)
    found = await front.upstream.get(call.visit, "orders", "/orders", limit=ORDERS, cursor=cursor)
    return room.page(
        front,
        call,
        "orders",
        "orders.html",
        orders=found["items"],
        names=await names_of(front, call, found["items"]),
        more=found["next"],
        later=cursor,
    )


async def names_of(front: Front, call: Call, orders: Sequence[Mapping[str, Any]]) -> Names:
    """Return the names of members and of organisations, as far as a list of orders has others' or is for several."""
    acting = acting_of(call.visit.session)
    people: dict[str, str] = {}
    houses: dict[str, str] = {}
    if acting is not None and any(order["customer"] != call.session.subject for order in orders):
        found = await room.maybe(front, call, "accounts", f"/organisations/{acting.id}")
        people = {one["customer"]: one["name"] for one in found["members"]} if found else {}
    if acting is None and any(order["organisation"] for order in orders):
        listed = await front.upstream.items(call.visit, "accounts", "/organisations")
        houses = {one["organisation"]: one["name"] for one in listed}
    return Names(people, houses)


def is_untouched(grant: Mapping[str, Any]) -> bool:
    """Return whether a link is good, and nothing was fetched by it yet."""
    return grant["state"] == "active" and not any(file["used"] for file in grant["files"])
