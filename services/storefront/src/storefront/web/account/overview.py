"""The first page of the account, and the list of all orders."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML

from storefront.web.account import room
from storefront.web.front import Front

routes = Routes()
LATEST = 5
ORDERS = 20


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
    orders: list[Any] = latest["items"] if latest else []
    grants: list[Any] = links["items"] if links else []
    return room.page(
        front,
        call,
        "overview",
        "overview.html",
        done=done,
        orders=orders,
        member=member,
        unpaid=[order for order in orders if order["state"] in ("open", "partly_paid")],
        waiting=[grant for grant in grants if is_untouched(grant)],
        factor=factor,
    )


@routes.get("/account/orders", also={200: HTML})
async def orders(
    read: Read, begin: Begin, request: web.Request, front: Front, cursor: room.Cursor | None = None
) -> web.Response:
    """All orders, newest first, a page of them at a time."""
    call = await front.customer(read, begin, request)
    found = await front.upstream.get(call.visit, "orders", "/orders", limit=ORDERS, cursor=cursor)
    return room.page(front, call, "orders", "orders.html", orders=found["items"], more=found["next"], later=cursor)


def is_untouched(grant: Mapping[str, Any]) -> bool:
    """Return whether a link is good, and nothing was fetched by it yet."""
    return grant["state"] == "active" and not any(file["used"] for file in grant["files"])
