"""Conversations read on a page by their customers: nobody else's, and nothing that was held back from them."""

import unicodedata
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from aiohttp import web
from chassis.db import Read, Tx
from chassis.identity import Caller, KeyRings
from chassis.web import Body, Page, Rate, Routes, listing, unavailable
from pydantic import Field

from mail_relay.clients import threads as opened
from mail_relay.clients.contents import Contents
from mail_relay.clients.scanning import ScannerAway
from mail_relay.clients.senders import Senders
from mail_relay.domain.alias import Domains, Side
from mail_relay.domain.conversation import ConversationUnknown
from mail_relay.domain.message import State
from mail_relay.domain.thread import FileUnknown, fitting, may_fetch, safe_name
from mail_relay.store import threads
from mail_relay.usecases import opening
from mail_relay.web.conversations import CUSTOMER
from mail_relay.web.thread_views import ThreadView, listed_view, message_view

BYTES = "application/octet-stream"
# a browser keeps it as a file, whatever it is and whatever it claims to be
HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
# of one customer, who turns pages and reads them: a page with large messages takes a while to open
READS = Rate(120, 60)
routes = Routes()


class Seen(Body):
    """Up to which message somebody has read."""

    number: Annotated[int, Field(ge=0, le=2**31 - 1)]


@routes.get("/conversations/{conversation}/thread", allow=CUSTOMER, limit_caller=READS)
async def read_thread(
    read: Read, caller: Caller, page: Page, conversation: UUID, keys: KeyRings, contents: Contents, domains: Domains
) -> ThreadView:
    """A page of what the customer and the seller wrote to each other, the newest first (MAIL-7).

    The seller's is as it was handed over, with the alias; what was held back or did not arrive is not there.
    Where messages are large, a page has fewer than were asked for; `next` has the others.
    """
    found = await opening.of_customer(read, caller.tenant, UUID(caller.subject), conversation)
    after = page.after(tuple[int])
    rows = await threads.page(read, found.tenant, found.id, after[0] if after else None, page.limit + 1)
    page = page.model_copy(update={"limit": fitting([row["size"] for row in rows[: page.limit]])})
    latest = await threads.latest(read, found.tenant, [found.id])
    texts = await opened.texts(rows[: page.limit], keys, contents, domains)
    return ThreadView(
        conversation=listed_view(found, latest, domains),
        messages=listing(
            rows,
            page,
            lambda row: (row["number"],),
            lambda row: message_view(row, texts[row["message"]], latest[found.id].seen),
        ),
    )


@routes.post("/conversations/{conversation}/seen", allow=CUSTOMER)
async def see_messages(tx: Tx, caller: Caller, conversation: UUID, body: Seen) -> None:
    """Take the messages up to this number for read by the customer."""
    found = await opening.of_customer(tx, caller.tenant, UUID(caller.subject), conversation)
    await threads.see(tx, found.tenant, found.id, body.number)


@routes.get("/conversations/{conversation}/thread/{message}/files/{number}", allow=CUSTOMER, also={200: BYTES})
async def fetch_file(
    read: Read,
    caller: Caller,
    conversation: UUID,
    message: UUID,
    number: Annotated[int, Field(ge=1, le=500)],
    keys: KeyRings,
    contents: Contents,
    senders: Senders,
    domains: Domains,
) -> web.Response:
    """A file of a message, to be kept and not to be shown; the scanner looks at it once more (MAIL-16)."""
    found = await opening.of_customer(read, caller.tenant, UUID(caller.subject), conversation)
    row = await threads.one(read, found.tenant, found.id, message)
    if row is None:
        raise ConversationUnknown
    if not may_fetch(Side(row["written_by"]), State(row["state"])):
        raise FileUnknown
    file = await opened.file(row, number, keys, contents, domains)
    if file is None:
        raise FileUnknown
    attachment, content = file
    try:
        if await senders.finds_malware(content):
            raise FileUnknown
    except ScannerAway:
        raise unavailable() from None
    kept_as = disposition(safe_name(attachment.name, f"{number}.bin"))
    return web.Response(body=content, headers={**HEADERS, "Content-Type": BYTES, "Content-Disposition": kept_as})


def disposition(name: str) -> str:
    """Return the header by which a browser keeps a file under a safe name (RFC 6266, RFC 8187)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    encoded = quote(name, safe="!#$&+-.^_`|~")
    return f"attachment; filename=\"{safe_name(plain)}\"; filename*=UTF-8''{encoded}"
