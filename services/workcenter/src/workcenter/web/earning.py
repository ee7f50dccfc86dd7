"""The rules by which meetings earn points: those of today, what others would have given, and loading a file."""

from typing import Annotated, Any, Final, Literal

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pages.visit import Visit
from pydantic import Field, StringConstraints

from pages import forms, uploads
from workcenter.domain.roles import SALES
from workcenter.web.desk import FORM, REFUSALS, Desk, Note, may, noted

routes = Routes()
PAGE: Final = "/rewards/rules"
YAML: Final = "application/yaml"
LARGEST: Final = 60_000
USUAL: Final = 200


class Rules(forms.Form):
    """A programme's file as it was pasted, on how many meetings to try it, and what is meant by loading it."""

    content: Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=LARGEST)]
    meetings: Annotated[int, Field(ge=1, le=1000)] = USUAL
    past: Literal["", "yes"] = ""
    correct: Literal["", "yes"] = ""


@routes.get(PAGE, also={200: HTML})
async def view(read: Read, begin: Begin, request: web.Request, desk: Desk, note: Note = "") -> web.Response:
    """The rules as they are, and a place for others."""
    visit = await desk.receive(read, begin, request)
    return await _page(desk, visit, note=note)


@routes.post(f"{PAGE}/file", takes=uploads.MULTIPART, also={200: HTML, 303: None, 422: HTML})
async def from_file(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """Try the rules of a file; its content is shown, and nothing is recorded."""
    visit = await desk.receive(read, begin, request)
    sent = await uploads.receive(request, visit)
    content = await sent.whole(LARGEST)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return see(noted(PAGE, "refused-file-not-text"))
    if not text.strip():
        return see(noted(PAGE, "refused-no-file"))
    return await _tried(desk, visit, text, USUAL)


@routes.post(f"{PAGE}/trial", takes=FORM, also={200: HTML, 303: None, 422: HTML})
async def try_rules(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """What the rules would have given for the last meetings; nothing is recorded."""
    visit = await desk.receive(read, begin, request)
    sent = await forms.read(request, visit, Rules)
    if sent.model is None:
        return await _page(desk, visit, status=422, content=sent.typed.get("content", ""), note="refused-invalid")
    return await _tried(desk, visit, sent.model.content, sent.model.meetings)


@routes.post(PAGE, takes=FORM, also={200: HTML, 303: None, 422: HTML})
async def load(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """Load the rules; what reaches back to meetings held already is shown first."""
    visit = await desk.receive(read, begin, request)
    sent = await forms.read(request, visit, Rules)
    if (form := sent.model) is None:
        return await _page(desk, visit, status=422, content=sent.typed.get("content", ""), note="refused-invalid")
    query = {"past": form.past == "yes", "correct": form.correct == "yes"}
    content = form.content.encode()
    try:
        loaded = await desk.upstream.send(visit, "rewards", "POST", "/programme", content, YAML, **query)
    except Problem as refused:
        return await _refused(desk, visit, form.content, refused)
    if not loaded["stored"]:
        return await _page(desk, visit, status=422, content=form.content, reaches_back=loaded)
    return see(noted(PAGE, "done-rules-loaded" if loaded["rules"] or loaded["rewards"] else "done-rules-known"))


async def _tried(desk: Desk, visit: Visit, content: str, meetings: int) -> web.Response:
    sent = content.encode()
    try:
        trial = await desk.upstream.send(visit, "rewards", "POST", "/programme/trial", sent, YAML, meetings=meetings)
        change = await desk.upstream.send(visit, "rewards", "POST", "/programme", sent, YAML, dry_run=True)
    except Problem as refused:
        return await _refused(desk, visit, content, refused)
    return await _page(desk, visit, content=content, meetings=meetings, trial=trial, change=change)


async def _refused(desk: Desk, visit: Visit, content: str, refused: Problem) -> web.Response:
    if refused.status not in REFUSALS:
        raise refused
    faults: list[Any] = refused.members.get("faults", [])
    note = f"refused-{refused.kind}"
    return await _page(desk, visit, status=422, content=content, faults=faults, note=note)


async def _page(desk: Desk, visit: Visit, *, status: int = 200, **facts: Any) -> web.Response:
    rules = await desk.upstream.get(visit, "rewards", "/programme/rules")
    shown: dict[str, Any] = {
        "content": "",
        "meetings": USUAL,
        "trial": None,
        "change": None,
        "reaches_back": None,
        "faults": (),
        "note": "",
    } | facts
    return desk.page(
        visit, "rules.html", status=status, place=PAGE, rules=rules["items"], sells=may(visit, SALES), **shown
    )
