"""The HTTP server: pages for people, an API for programs."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

from aiohttp import web
from pydantic import ValidationError

from . import mime, page
from .mailbox import Mail, Mailbox
from .switches import Switches

OURS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# The HTML of a mail is not trusted: no script, no origin, nothing loaded, wherever it is opened.
THEIRS = OURS | {"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
SHOWN = 200


def build(mailbox: Mailbox, switches: Switches) -> web.Application:
    """Make the application."""
    app = web.Application()
    handlers = Handlers(mailbox, switches)
    app.router.add_get("/", handlers.overview)
    app.router.add_get("/health", handlers.health)
    app.router.add_get(r"/mails/{id:[^/]+}.eml", handlers.raw)
    app.router.add_get("/mails/{id}", handlers.one)
    app.router.add_get("/mails/{id}/html", handlers.html)
    app.router.add_get("/api/mails", handlers.mails)
    app.router.add_get("/api/mails/{id}", handlers.mail)
    app.router.add_get("/api/faults", handlers.faults)
    app.router.add_post("/api/faults", handlers.turn)
    app.router.add_delete("/api/faults", handlers.reset)
    return app


class Handlers:
    """Answers requests about the mails and the faults."""

    def __init__(self, mailbox: Mailbox, switches: Switches) -> None:
        self._mailbox = mailbox
        self._switches = switches

    async def health(self, _: web.Request) -> web.Response:
        """Answer that the program runs."""
        return web.json_response({"ok": True})

    async def overview(self, request: web.Request) -> web.Response:
        """Show the newest mails."""
        to = request.query.get("to", "").strip()
        found = self._mailbox.find(to or None)
        return _html(page.overview(found[::-1][:SHOWN], len(found), to), OURS)

    async def one(self, request: web.Request) -> web.Response:
        """Show a mail."""
        mail = self._need(request)
        return _html(page.one(mail, await _body(mail)), OURS)

    async def html(self, request: web.Request) -> web.Response:
        """Show the HTML of a mail, without any rights."""
        return _html((await _body(self._need(request))).html, THEIRS)

    async def raw(self, request: web.Request) -> web.StreamResponse:
        """Answer the file of a mail."""
        mail = self._need(request)
        headers = {"Content-Disposition": f'attachment; filename="{mail.id}.eml"', "Content-Type": "message/rfc822"}
        return web.FileResponse(mail.path, headers=headers)

    async def mails(self, request: web.Request) -> web.Response:
        """List mails, oldest first; `brief=1` leaves out their content."""
        found = self._mailbox.find(request.query.get("to"), _since(request.query.get("since")))
        brief = request.query.get("brief", "0") not in ("", "0")
        return web.json_response([_fields(mail) if brief else await _all(mail) for mail in found])

    async def mail(self, request: web.Request) -> web.Response:
        """Answer a mail."""
        return web.json_response(await _all(self._need(request)))

    async def faults(self, _: web.Request) -> web.Response:
        """Answer the switches."""
        return web.json_response(self._switches.now.model_dump())

    async def turn(self, request: web.Request) -> web.Response:
        """Turn the switches that the body names."""
        try:
            body: Any = await request.json()
            if not isinstance(body, dict):
                raise ValueError("the body is a JSON object")
            self._switches.turn(cast("dict[str, object]", body))
        except (ValidationError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return await self.faults(request)

    async def reset(self, request: web.Request) -> web.Response:
        """Turn every fault off."""
        self._switches.reset()
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


async def _body(mail: Mail) -> mime.Body:
    return await asyncio.to_thread(lambda: mime.body(mail.path.read_bytes()))


async def _all(mail: Mail) -> dict[str, Any]:
    body = await _body(mail)
    return _fields(mail) | {
        "text": body.text,
        "html": body.html,
        "links": body.links,
        "attachments": body.attachments,
    }


def _fields(mail: Mail) -> dict[str, Any]:
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
