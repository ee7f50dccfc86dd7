"""The door: HTTP, for people and for programs."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

from aiohttp import web
from pydantic import ValidationError

from . import letter, page
from .faults import Board
from .mailbox import Mail, Mailbox

OURS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# A letter's HTML is a stranger's: no script, no origin, nothing loaded, wherever it is opened.
THEIRS = OURS | {"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
SHOWN = 200


def build(mailbox: Mailbox, board: Board) -> web.Application:
    """Makes the application."""
    app = web.Application()
    desk = Desk(mailbox, board)
    app.router.add_get("/", desk.overview)
    app.router.add_get("/health", desk.health)
    app.router.add_get(r"/mails/{id:[^/]+}.eml", desk.raw)
    app.router.add_get("/mails/{id}", desk.one)
    app.router.add_get("/mails/{id}/html", desk.html)
    app.router.add_get("/api/mails", desk.mails)
    app.router.add_get("/api/mails/{id}", desk.mail)
    app.router.add_get("/api/faults", desk.faults)
    app.router.add_post("/api/faults", desk.turn)
    app.router.add_delete("/api/faults", desk.calm)
    return app


class Desk:
    """Answers about the letters and the faults."""

    def __init__(self, mailbox: Mailbox, board: Board) -> None:
        self._mailbox = mailbox
        self._board = board

    async def health(self, _: web.Request) -> web.Response:
        """Says that the program runs."""
        return web.json_response({"ok": True})

    async def overview(self, request: web.Request) -> web.Response:
        """Shows the newest letters."""
        to = request.query.get("to", "").strip()
        found = self._mailbox.find(to or None)
        return _html(page.overview(found[::-1][:SHOWN], len(found), to), OURS)

    async def one(self, request: web.Request) -> web.Response:
        """Shows a letter."""
        mail = self._need(request)
        return _html(page.one(mail, await _body(mail)), OURS)

    async def html(self, request: web.Request) -> web.Response:
        """Shows the HTML of a letter, which may do nothing."""
        return _html((await _body(self._need(request))).html, THEIRS)

    async def raw(self, request: web.Request) -> web.StreamResponse:
        """Hands out the file."""
        mail = self._need(request)
        headers = {"Content-Disposition": f'attachment; filename="{mail.id}.eml"', "Content-Type": "message/rfc822"}
        return web.FileResponse(mail.path, headers=headers)

    async def mails(self, request: web.Request) -> web.Response:
        """Lists letters, oldest first; `brief=1` leaves out what they say."""
        found = self._mailbox.find(request.query.get("to"), _since(request.query.get("since")))
        brief = request.query.get("brief", "0") not in ("", "0")
        return web.json_response([_facts(mail) if brief else await _all(mail) for mail in found])

    async def mail(self, request: web.Request) -> web.Response:
        """Answers one letter."""
        return web.json_response(await _all(self._need(request)))

    async def faults(self, _: web.Request) -> web.Response:
        """Shows the faults."""
        return web.json_response(self._board.now.model_dump())

    async def turn(self, request: web.Request) -> web.Response:
        """Turns the faults that the body names."""
        try:
            body: Any = await request.json()
            if not isinstance(body, dict):
                raise ValueError("the body is a JSON object")
            self._board.turn(cast("dict[str, object]", body))
        except (ValidationError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return await self.faults(request)

    async def calm(self, request: web.Request) -> web.Response:
        """Turns every fault off."""
        self._board.clear()
        return await self.faults(request)

    def _need(self, request: web.Request) -> Mail:
        mail = self._mailbox.get(request.match_info["id"])
        if mail is None:
            raise web.HTTPNotFound(text="There is no such mail.")
        return mail


def _html(text: str, headers: dict[str, str]) -> web.Response:
    return web.Response(text=text, content_type="text/html", headers=headers)


def _since(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text) if "-" in text else datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError) as error:
        raise web.HTTPBadRequest(text="since is a time like 2026-01-31T12:00:00Z, or seconds since 1970.") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


async def _body(mail: Mail) -> letter.Body:
    return await asyncio.to_thread(lambda: letter.body(mail.path.read_bytes()))


async def _all(mail: Mail) -> dict[str, Any]:
    body = await _body(mail)
    return _facts(mail) | {
        "text": body.text,
        "html": body.html,
        "links": body.links,
        "attachments": body.attachments,
    }


def _facts(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "from": mail.head.sender,
        "to": list(mail.to),
        "envelope_from": mail.envelope_from,
        "to_header": mail.head.to,
        "subject": mail.head.subject,
        "message_id": mail.head.message_id,
        "date": mail.head.date,
        "received_at": mail.received_at.isoformat().replace("+00:00", "Z"),
        "size": mail.size,
        "path": str(mail.path),
    }
