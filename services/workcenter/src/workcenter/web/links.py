"""What staff does about the links and e-mails of an order."""

from datetime import date, datetime, time, timedelta
from email.header import decode_header, make_header
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from workcenter.domain.period import LAST
from workcenter.web.desk import FORM, Desk, act, noted
from workcenter.web.reading import opened_here

routes = Routes()
# what of a letter's head people read
HEAD = ("from", "to", "subject", "date")


class Terms(forms.Form):
    """The last day of a link, and how often each file may be downloaded."""

    until: Annotated[date, Field(le=LAST)]
    times: Annotated[int, Field(ge=1, le=1000)]


@routes.post("/orders/{order}/grants/{grant}", takes=FORM, also={303: None})
async def change(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID, grant: UUID) -> web.Response:
    """Let a link live until the end of another day, or allow another number of downloads."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Terms)).model
    here = f"/orders/{order}"
    if form is None:
        return see(noted(here, "refused-terms"))
    end = datetime.combine(form.until + timedelta(days=1), time(), desk.zone)
    body = {"valid_until": end.isoformat(), "download_limit": form.times}
    return await act(desk.upstream.put(visit, "delivery", f"/grants/{grant}", body), here, "link-changed")


@routes.post("/orders/{order}/grants/{grant}/{what}", takes=FORM, also={303: None})
async def resend_or_revoke(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    order: UUID,
    grant: UUID,
    what: Literal["resend", "revocation"],
) -> web.Response:
    """Send the customer a new link, or take the link back for good."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    work = desk.upstream.post(visit, "delivery", f"/grants/{grant}/{what}")
    return await act(work, f"/orders/{order}", what)


@routes.post("/orders/{order}/emails/{email}/retry", takes=FORM, also={303: None})
async def retry(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID, email: UUID) -> web.Response:
    """Send a bounced e-mail after all."""
    visit = await desk.receive(read, begin, request)
    await forms.fields(request, visit)
    return await act(desk.upstream.post(visit, "letters", f"/emails/{email}/retry"), f"/orders/{order}", "retried")


@routes.get("/orders/{order}/emails/{email}/letter", also={200: HTML, 303: None})
async def letter(read: Read, begin: Begin, request: web.Request, desk: Desk, order: UUID, email: UUID) -> web.Response:
    """A letter as it is kept, links and keys masked; the reading is recorded."""
    visit = await desk.receive(read, begin, request)
    opened_here(request, f"/orders/{order}")
    found = await desk.upstream.get(visit, "letters", f"/emails/{email}/letter")
    letter = as_read(found["letter"]) if found["letter"] else None
    return desk.page(visit, "letter.html", place=f"/orders/{order}", order=order, letter=letter)


def as_read(letter: str) -> str:
    """Return a kept letter with what of its head people read, words of other alphabets decoded (RFC 2047)."""
    head, blank, text = letter.replace("\r\n", "\n").partition("\n\n")
    fields = head.replace("\n ", " ").replace("\n\t", " ").split("\n")
    shown = [one for one in fields if one.partition(":")[0].strip().lower() in HEAD]
    return "\n".join(map(_decoded, shown)) + blank + text if shown else letter


def _decoded(field: str) -> str:
    try:
        return str(make_header(decode_header(field)))
    except (LookupError, ValueError):  # somebody else's idea of an alphabet
        return field
