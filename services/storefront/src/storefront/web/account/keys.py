"""Licence keys: masked in the list, each shown when its customer asks for it; and where each is active."""

import asyncio
from typing import Any, Final
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see

from pages import forms
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()
ORDERS = 10
SERVICE: Final = "licensing"


@routes.get("/account/keys", also={200: HTML})
async def keys(
    read: Read, begin: Begin, request: web.Request, front: Front, cursor: room.Cursor | None = None
) -> web.Response:
    """All keys by order, of which only the end is shown."""
    call = await front.customer(read, begin, request)
    return await _page(front, call, cursor)


@routes.post("/account/keys/{order}/{license}", takes=(forms.FORM,), also={200: HTML, 404: HTML, 410: HTML, 503: HTML})
async def show(
    read: Read,
    begin: Begin,
    request: web.Request,
    front: Front,
    order: UUID,
    license: UUID,  # noqa: A002 -- the address calls it so
) -> web.Response:
    """Show a key whole; it stands on the answer of this form alone, and in no address."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    path = f"/orders/{order}/licenses/{license}/opening"
    try:
        opened: dict[str, Any] = await front.upstream.post(call.visit, SERVICE, path)
    except Problem as refused:
        if refused.status != 410:
            raise
        return await _page(front, call, None, status=410, refusal=refused.kind)
    found, order_view = await asyncio.gather(
        front.upstream.get(call.visit, SERVICE, f"/orders/{order}/licenses"),
        room.maybe(front, call, "orders", f"/orders/{order}"),
    )
    return room.page(
        front,
        call,
        "keys",
        "key.html",
        opened=opened["license_key"],
        name=names_of(order_view).get(
            next((key["sku"] for key in found["items"] if key["license"] == str(license)), "")
        ),
        order=order_view,
    )


@routes.get("/account/keys/{order}/{license}/devices", also={200: HTML})
async def devices(
    read: Read,
    begin: Begin,
    request: web.Request,
    front: Front,
    order: UUID,
    license: UUID,  # noqa: A002 -- the address calls it so
    done: room.Done = "",
    cursor: room.Cursor | None = None,
) -> web.Response:
    """On which devices a key is active, a page at a time, and on how many it may be (LIC-5)."""
    call = await front.customer(read, begin, request)
    path = f"/orders/{order}/licenses"
    found, listed, whole = await asyncio.gather(
        front.upstream.get(call.visit, SERVICE, path),
        front.upstream.get(call.visit, SERVICE, f"{path}/{license}/devices", cursor=cursor),
        room.maybe(front, call, "orders", f"/orders/{order}"),
    )
    key = next(key for key in grouped(found["items"]) if key["license"] == str(license))
    name = names_of(whole).get(key["sku"], key["sku"])
    facts: dict[str, Any] = {"key": key, "name": name, "order": order, "devices": listed["items"]}
    return room.page(front, call, "keys", "devices.html", done=done, more=listed["next"], later=cursor, **facts)


@routes.post("/account/keys/{order}/{license}/devices/{device}/freeing", takes=(forms.FORM,), also={303: None})
async def free(
    read: Read,
    begin: Begin,
    request: web.Request,
    front: Front,
    order: UUID,
    license: UUID,  # noqa: A002 -- the address calls it so
    device: UUID,
) -> web.Response:
    """Let a key be active on a device no more."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    await front.upstream.post(call.visit, SERVICE, f"/orders/{order}/licenses/{license}/devices/{device}/freeing")
    return see(f"/account/keys/{order}/{license}/devices?done=freed")


def names_of(order: dict[str, Any] | None) -> dict[str, str]:
    """Return the names of an order's articles by SKU."""
    return {line["sku"]: line["name"] for line in order["lines"]} if order else {}


def grouped(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each key once with how many units share it; units without a key stand alone, in their order.

    `device_limit` is that of all who share it and still have it; None for any number of devices.
    """
    found: dict[str, dict[str, Any]] = {}
    for key in keys:
        known = found.setdefault(key["license"] or key["unit"], {**key, "units": 0, "limits": []})
        known["units"] += 1
        if key["state"] == "issued":
            known["state"] = "issued"
            known["limits"].append(key["device_limit"])
    for known in found.values():
        known["device_limit"] = None if None in known["limits"] else sum(known["limits"])
    return list(found.values())


async def _page(front: Front, call: Call, cursor: str | None, *, status: int = 200, refusal: str = "") -> web.Response:
    listed = await front.upstream.get(call.visit, "orders", "/orders", limit=ORDERS, cursor=cursor)
    orders = [order for order in listed["items"] if order["state"] not in ("open", "cancelled")]
    found = await asyncio.gather(*(_keys_of(front, call, order) for order in orders))
    return room.page(
        front,
        call,
        "keys",
        "keys.html",
        status=status,
        orders=[one for one in found if one["keys"]],
        more=listed["next"],
        later=cursor,
        refusal=refusal,
    )


async def _keys_of(front: Front, call: Call, order: dict[str, Any]) -> dict[str, Any]:
    found, whole = await asyncio.gather(
        room.maybe(front, call, SERVICE, f"/orders/{order['order']}/licenses"),
        room.maybe(front, call, "orders", f"/orders/{order['order']}"),
    )
    names = names_of(whole)
    keys = grouped(found["items"]) if found else []
    return {**order, "keys": [{**key, "name": names.get(key["sku"], key["sku"])} for key in keys]}
