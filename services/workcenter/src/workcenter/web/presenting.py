"""How lines, families, versions and editions are shown in shops: texts, support, and a picture."""

from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes, not_found
from pages.site import HTML, see
from pages.visit import Visit
from pydantic import Field

from pages import forms, pictures, uploads
from workcenter.domain.roles import FILES, SALES
from workcenter.web.desk import FORM, Desk, Note, act, may, noted, session_of

routes = Routes()
Line = Annotated[str, Field(max_length=200)]
Title = Annotated[str, Field(max_length=120)]
Summary = Annotated[str, Field(max_length=300)]
Description = Annotated[str, Field(max_length=8000)]
Requirements = Annotated[str, Field(max_length=2000)]
LANGUAGES: Final = ("de", "en")
FIELDS: Final = ("title", "summary", "description", "requirements", "hours")


class Texts(forms.Form):
    """What is written in each language."""

    title_de: Title = ""
    summary_de: Summary = ""
    description_de: Description = ""
    requirements_de: Requirements = ""
    hours_de: Line = ""
    title_en: Title = ""
    summary_en: Summary = ""
    description_en: Description = ""
    requirements_en: Requirements = ""
    hours_en: Line = ""


class Support(forms.Form):
    """Whom to ask, and until when."""

    contact: Line = ""
    supported_until: date | Literal[""] = ""
    secure_until: date | Literal[""] = ""


@routes.get("/articles/{product}/shown/{subject}", also={200: HTML})
async def view(
    read: Read, begin: Begin, request: web.Request, desk: Desk, product: UUID, subject: UUID, note: Note = ""
) -> web.Response:
    """What shops show of a line, a family, a version or an edition, to be written and seen."""
    visit = await desk.receive(read, begin, request)
    found = await desk.upstream.get(visit, "catalog", f"/assortment/{product}")
    subjects = _subjects(found)
    kind = next((one["kind"] for one in subjects if one["subject"] == str(subject)), None)
    if kind is None:
        raise not_found()
    shown = await desk.upstream.get(visit, "catalog", f"/presentations/{subject}")
    return desk.page(
        visit,
        "presentation.html",
        product=found,
        subjects=subjects,
        kind=kind,
        shown=shown,
        writes=may(visit, SALES, FILES),
        note=note,
    )


@routes.post("/articles/{product}/shown/{subject}/texts", takes=FORM, also={303: None})
async def set_texts(
    read: Read, begin: Begin, request: web.Request, desk: Desk, product: UUID, subject: UUID
) -> web.Response:
    """Write other texts, in all languages at once: what is in one card is not lost by saving from the other."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Texts)).model
    here = f"/articles/{product}/shown/{subject}"
    if form is None:
        return see(noted(here, "refused-text"))
    return await act(_save(desk, visit, subject, form), here, "text")


async def _save(desk: Desk, visit: Visit, subject: UUID, form: Texts) -> None:
    """Write what differs from what is there, of the fields that the form had.

    A language in which nothing was ever written stays so.
    """
    known = (await desk.upstream.get(visit, "catalog", f"/presentations/{subject}"))["texts"]
    sent = form.model_dump(exclude_unset=True)
    for language in LANGUAGES:
        # browsers end lines as mail does; Markdown needs one of both
        before = {name: known.get(language, {}).get(name, "") for name in FIELDS}
        body = {name: sent.get(f"{name}_{language}", before[name]).replace("\r\n", "\n") for name in FIELDS}
        if body != before:
            await desk.upstream.put(visit, "catalog", f"/presentations/{subject}/texts/{language}", body)


@routes.post("/articles/{product}/shown/{subject}/support", takes=FORM, also={303: None})
async def set_support(
    read: Read, begin: Begin, request: web.Request, desk: Desk, product: UUID, subject: UUID
) -> web.Response:
    """Write who supports it, and until when."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Support)).model
    here = f"/articles/{product}/shown/{subject}"
    if form is None:
        return see(noted(here, "refused-invalid"))
    body = {
        "contact": form.contact,
        "supported_until": form.supported_until.isoformat() if form.supported_until else None,
        "secure_until": form.secure_until.isoformat() if form.secure_until else None,
    }
    return await act(desk.upstream.put(visit, "catalog", f"/presentations/{subject}/support", body), here, "text")


@routes.post("/articles/{product}/shown/{subject}/picture", takes=uploads.MULTIPART, also={303: None})
async def set_picture(
    read: Read, begin: Begin, request: web.Request, desk: Desk, product: UUID, subject: UUID
) -> web.Response:
    """Pass a picture on as it comes, with what it shows in words."""
    visit = await desk.receive(read, begin, request)
    sent = await uploads.receive(request, visit)
    here = f"/articles/{product}/shown/{subject}"
    alt: dict[str, Any] = {name: sent.fields.get(name, "")[:200] for name in ("alt_de", "alt_en")}
    if not sent.name:
        return see(noted(here, "refused-no-file"))
    if not all(alt.values()):
        return see(noted(here, "refused-no-alt"))
    path = f"/presentations/{subject}/picture"
    work = desk.upstream.send(visit, "catalog", "PUT", path, sent.chunks(), sent.media_type, **alt)
    return await act(work, here, "picture")


@routes.post("/articles/{product}/shown/{subject}/picture/removal", takes=FORM, also={303: None})
async def take_down(
    read: Read, begin: Begin, request: web.Request, desk: Desk, product: UUID, subject: UUID
) -> web.Response:
    """Show it without a picture."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    work = desk.upstream.delete(visit, "catalog", f"/presentations/{subject}/picture")
    return await act(work, f"/articles/{product}/shown/{subject}", "no-picture")


@routes.get("/pictures/{name}", also={200: pictures.WEBP})
async def picture(read: Read, begin: Begin, request: web.Request, desk: Desk, name: str) -> web.StreamResponse:
    """A picture of the tenant whose staff looks."""
    visit = await desk.receive(read, begin, request)
    return await pictures.passed_on(request, desk.upstream, visit, session_of(visit).tenant, name)


def _subjects(product: dict[str, Any]) -> list[dict[str, str]]:
    """Return what can be shown of a product: its line, its family, itself, its editions."""
    version = f"{product['family']} {product['version']}"
    found = [
        {"subject": product["line_id"], "name": product["line"], "kind": "line"},
        {"subject": product["family_id"], "name": product["family"], "kind": "family"},
        {"subject": product["product"], "name": version, "kind": "version"},
    ]
    editions = product["editions"]
    return found + [{"subject": one["edition"], "name": one["name"], "kind": "edition"} for one in editions]
