"""What an article delivers: its files, and its serials in stock."""

import asyncio
from typing import Annotated, Any, Literal
from urllib.parse import quote

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pages.visit import Visit
from pydantic import Field

from pages import forms, uploads
from workcenter.domain.roles import FILES, REVIEWER, SALES, SUPPORT
from workcenter.domain.serials import runs_low
from workcenter.web import reports
from workcenter.web.asking import nothing, piece
from workcenter.web.desk import FORM, REFUSALS, Desk, Note, Sku, act, may, noted, session_of
from workcenter.web.search import articles_for_sale

routes = Routes()
MOST_SERIALS = 8 * 2**20
OPTIONS = ("skip_duplicates", "take_unlike", "other_makers")


class Retire(forms.Form):
    """A file that is offered no more, and whether also to those who have a link already."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    everybody: Literal["", "yes"] = ""


@routes.get("/skus/{sku}", also={200: HTML})
async def view(
    read: Read, begin: Begin, request: web.Request, desk: Desk, sku: Sku, note: Note = "", report: bool = False
) -> web.Response:
    """The files and serials of an article; with what became of the list that was sent last, where one asks for it."""
    visit = await desk.receive(read, begin, request)
    found = reports.kept(desk.site, request, sku) if report else None
    return desk.page(visit, "stock.html", **await _facts(desk, visit, sku), report=found, note=note)


@routes.post("/skus/{sku}/files", takes=uploads.MULTIPART, also={303: None})
async def upload(read: Read, begin: Begin, request: web.Request, desk: Desk, sku: Sku) -> web.Response:
    """Pass a file on as it comes; one of the same name is replaced."""
    visit = await desk.receive(read, begin, request)
    sent = await uploads.receive(request, visit)
    here = f"/skus/{sku}"
    if not sent.name:
        return see(noted(here, "refused-no-file"))
    work = desk.upstream.send(
        visit,
        "delivery",
        "PUT",
        f"/skus/{sku}/files/{quote(sent.name, safe='')}",
        sent.chunks(),
        sent.media_type,
        version=sent.fields.get("version") or "1",
        sha256=sent.fields.get("sha256") or None,
        supersedes=sent.fields.get("supersedes") or None,
    )
    return await act(work, here, "uploaded")


@routes.post("/skus/{sku}/files/retirement", takes=FORM, also={303: None})
async def retire(read: Read, begin: Begin, request: web.Request, desk: Desk, sku: Sku) -> web.Response:
    """Offer a file no more."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Retire)).model
    here = f"/skus/{sku}"
    if form is None:
        return see(noted(here, "refused-invalid"))
    path = f"/skus/{sku}/files/{quote(form.name, safe='')}" + ("?everybody=true" if form.everybody else "")
    return await act(desk.upstream.delete(visit, "delivery", path), here, "retired")


@routes.post("/skus/{sku}/serials", takes=uploads.MULTIPART, also={303: None})
async def import_serials(read: Read, begin: Begin, request: web.Request, desk: Desk, sku: Sku) -> web.Response:
    """Put the serials of a list in stock, or try what would become of it, and lead to the report."""
    visit = await desk.receive(read, begin, request)
    sent = await uploads.receive(request, visit)
    content = await sent.whole(MOST_SERIALS)
    if not content:
        return see(noted(f"/skus/{sku}", "refused-no-file"))
    dry = "dry_run" in sent.fields
    query: dict[str, Any] = {name: True for name in (*OPTIONS, "dry_run") if name in sent.fields}
    query["column"] = sent.fields.get("column") or None
    kind = "text/csv" if sent.name.lower().endswith(".csv") else "text/plain"
    path, note = f"/skus/{sku}/serials", ""
    try:
        report = await desk.upstream.send(visit, "licensing", "POST", path, content, kind, **query)
    except Problem as refused:
        if refused.status not in REFUSALS:
            raise
        report, note = refused.members, f"&note=refused-{refused.kind}"
    response = see(f"/skus/{sku}?report=true{note}")
    reports.keep(desk.site, response, sku, report, dry=dry)
    return response


async def _facts(desk: Desk, visit: Visit, sku: str) -> dict[str, Any]:
    tenant = session_of(visit).tenant
    files, stock, named = await asyncio.gather(
        piece(desk, visit, "delivery", f"/skus/{sku}/files"),
        piece(desk, visit, "licensing", f"/skus/{sku}/stock") if desk.upstream.has("licensing") else nothing(),
        articles_for_sale(desk, visit, tenant) if desk.upstream.has("catalog") else _none(),
    )
    article = next((one for one in named if one["sku"] == sku), None)
    path = f"/products/{article['product']}/variants/{sku}/settings" if article else ""
    settings = (
        await piece(desk, visit, "catalog", path) if path and may(visit, SALES, FILES, SUPPORT) else await nothing()
    )
    source = settings.facts["key_source"] if settings.here else ""
    return {
        "sku": sku,
        "source": source,
        "low": stock.here and runs_low(stock.facts, source),
        "files": files,
        "stock": stock,
        "article": article,
        "uploads": may(visit, FILES),
        "imports": may(visit, FILES, SALES),
        "reads": may(visit, FILES, SALES, SUPPORT, REVIEWER),
    }


async def _none() -> list[dict[str, Any]]:
    return []
