"""On which devices a customer's key is active, and freeing one for them (LIC-5)."""

import asyncio
from typing import Any, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see

from pages import forms
from workcenter.domain.keys import device_limits
from workcenter.domain.roles import SUPPORT
from workcenter.web.desk import FORM, Desk, Note, Word, act, may, noted

routes = Routes()


class Free(forms.Form):
    """Why a device is freed."""

    reason: Literal["asked", "lost", "misused"]


@routes.get("/orders/{order}/keys/{license}/devices", also={200: HTML})
async def view(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    order: UUID,
    license: UUID,  # noqa: A002 -- the address calls it so
    note: Note = "",
    cursor: Word | None = None,
) -> web.Response:
    """The devices of a key, a page at a time; their names are the customer's, so that reading them is recorded."""
    visit = await desk.receive(read, begin, request)
    path = f"/orders/{order}/licenses"
    found, whole, devices = await asyncio.gather(
        desk.upstream.get(visit, "licensing", path),
        desk.upstream.get(visit, "orders", f"/orders/{order}"),
        desk.upstream.get(visit, "licensing", f"{path}/{license}/devices", cursor=cursor),
    )
    key = next((one for one in found["items"] if one["license"] == str(license)), None)
    if key is None:
        raise Problem(404, "not-found", "There is no such key.")
    name = next((line["name"] for line in whole["lines"] if line["sku"] == key["sku"]), key["sku"])
    facts: dict[str, Any] = {
        "order": whole,
        "key": key,
        "name": name,
        "devices": devices["items"],
        "more": devices["next"],
        "later": cursor,
        "frees": may(visit, SUPPORT),
    }
    limit = device_limits(found["items"]).get(str(license))
    return desk.page(visit, "devices.html", limit=limit, note=note, **facts)


@routes.post("/orders/{order}/keys/{license}/devices/{device}/freeing", takes=FORM, also={303: None})
async def free(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    order: UUID,
    license: UUID,  # noqa: A002 -- the address calls it so
    device: UUID,
) -> web.Response:
    """Let a key be active on a device no more; why is recorded."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Free)).model
    here = f"/orders/{order}/keys/{license}/devices"
    if form is None:
        return see(noted(here, "refused-no-reason"))
    path = f"/orders/{order}/licenses/{license}/devices/{device}/freeing-for"
    return await act(desk.upstream.post(visit, "licensing", path, {"reason": form.reason}), here, "device-freed")
