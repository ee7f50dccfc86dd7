"""Messages with sellers: read and written here, or by mail to an address that stands for the seller."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal
from uuid import UUID, uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.web.account import room
from storefront.web.front import Call, Front

routes = Routes()
FORM = (forms.FORM,)
SERVICE: Final = "mail-relay"
BYTES: Final = "application/octet-stream"
CHUNK: Final = 65_536
MESSAGES: Final = 30
# what somebody else has sent is never shown by a browser, nor under this address
AS_A_FILE: Final = {
    "Content-Type": BYTES,
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
Act = Literal["closing", "reopening", "opt-out", "opt-in", "misuse", "appeal"]


class Write(forms.Form):
    """To which seller somebody wants to write."""

    seller: Annotated[str, Field(min_length=1, max_length=64)]


@routes.get("/account/messages", also={200: HTML})
async def messages(
    read: Read, begin: Begin, request: web.Request, front: Front, cursor: room.Cursor | None = None
) -> web.Response:
    """All conversations, the newest first."""
    call = await front.customer(read, begin, request)
    found, seller = await asyncio.gather(
        front.upstream.get(call.visit, SERVICE, "/conversations", limit=20, cursor=cursor), seller_of(front, call)
    )
    return room.page(
        front,
        call,
        "messages",
        "messages.html",
        conversations=found["items"],
        more=found["next"],
        later=cursor,
        seller=seller,
    )


@routes.post("/account/messages", takes=FORM, also={303: None})
async def write(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Get an address at which the shop's seller is written to without an order; it is the same each time."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Write)
    seller = sent.model.seller if sent.model else await seller_of(front, call)
    opened = await front.upstream.post(call.visit, SERVICE, "/conversations", {"seller": seller})
    return see(f"/account/messages/{opened['conversation']}")


@routes.get("/account/messages/orders/{order}", also={303: None})
async def of_order(read: Read, begin: Begin, request: web.Request, front: Front, order: UUID) -> web.Response:
    """Lead to the conversation about an order; to all of them while that is not open yet."""
    call = await front.customer(read, begin, request)
    found = await _find(front, call, order)
    return see(f"/account/messages/{found['conversation']}" if found else "/account/messages")


@routes.get("/account/messages/{conversation}", also={200: HTML})
async def conversation(
    read: Read,
    begin: Begin,
    request: web.Request,
    front: Front,
    conversation: UUID,
    done: room.Done = "",
    cursor: room.Cursor | None = None,
) -> web.Response:
    """One conversation: what both wrote, what to answer, who may write, and the claims about its order."""
    call = await front.customer(read, begin, request)
    return await view(front, call, conversation, done=done, cursor=cursor)


@routes.get("/account/messages/{conversation}/files/{message}/{number}", also={200: BYTES})
async def file(
    read: Read, begin: Begin, request: web.Request, front: Front, conversation: UUID, message: UUID, number: int
) -> web.StreamResponse:
    """A file of a message, passed on as it comes; a browser keeps it, and shows it under no name of the shop's."""
    call = await front.customer(read, begin, request)
    path = f"/conversations/{conversation}/thread/{message}/files/{number}"
    async with await front.upstream.stream(call.visit, SERVICE, path) as answer:
        named = answer.headers.get("Content-Disposition", "attachment")
        response = web.StreamResponse(headers={**AS_A_FILE, "Content-Disposition": named})
        if answer.content_length is not None:
            response.content_length = answer.content_length
        await response.prepare(request)
        async for part in answer.content.iter_chunked(CHUNK):
            await response.write(part)
        await response.write_eof()
    return response


@routes.post("/account/messages/{conversation}/{act}", takes=FORM, also={200: HTML, 303: None, 409: HTML})
async def act(
    read: Read, begin: Begin, request: web.Request, front: Front, conversation: UUID, act: Act
) -> web.Response:
    """Close or reopen a conversation, get fewer or all messages, or have a person look at what was held back."""
    call = await front.customer(read, begin, request)
    await forms.fields(request, call.visit)
    try:
        await front.upstream.post(call.visit, SERVICE, f"/conversations/{conversation}/{act}")
    except Problem as problem:
        if problem.status != 409:
            raise
        return await view(front, call, conversation, status=409, refusal=problem)
    return see(f"/account/messages/{conversation}?done={act}")


async def view(
    front: Front,
    call: Call,
    conversation: UUID,
    *,
    status: int = 200,
    done: str = "",
    refusal: Problem | None = None,
    sent: forms.Sent[Any] | None = None,
    letter: forms.Sent[Any] | None = None,
    named: Sequence[str] = (),
    cursor: str | None = None,
) -> web.Response:
    """Return the page of a conversation; what is on it is read from now on.

    `letter` is a message that was not passed on, `named` are the files that are why.
    """
    path = f"/conversations/{conversation}"
    thread, seller, claims, choice, takes = await asyncio.gather(
        front.upstream.get(call.visit, SERVICE, f"{path}/thread", limit=MESSAGES, cursor=cursor),
        seller_of(front, call),
        front.upstream.get(call.visit, SERVICE, f"{path}/claims"),
        front.upstream.get(call.visit, SERVICE, f"{path}/opt-out"),
        front.upstream.get(call.visit, SERVICE, f"{path}/attachments"),
    )
    found, written = thread["conversation"], thread["messages"]["items"]
    articles = await _articles(front, call, found["order"]) if found["order"] else []
    if any(one["is_new"] for one in written):
        await _see(front, call, path, written[0]["number"])
    return room.page(
        front,
        call,
        "messages",
        "conversation.html",
        status=status,
        done=done,
        conversation=found,
        written=list(reversed(written)),
        earlier=thread["messages"]["next"],
        later=cursor,
        fewer=choice["opted_out"],
        claims=list(reversed(claims["claims"])),
        desk=claims["desk"],
        articles=articles,
        sent=sent,
        # who has not written yet is told to do that first, and what is decided for good is not asked again
        claimable=found["order"] and found["messages"] and all(one["state"] == "withdrawn" for one in claims["claims"]),
        letter=letter,
        takes=takes,
        named=named,
        once=uuid4(),
        own_seller=seller,
        refusal=refusal.members.get("reason", refusal.kind) if refusal else "",
        opens_at=refusal.members.get("opens_at") if refusal else None,
    )


async def seller_of(front: Front, call: Call) -> Any:
    """Return who sells in this shop."""
    channels = await front.upstream.items(None, "catalog", "/channels", tenant=call.shop.tenant)
    return next((one["seller"] for one in channels if one["channel"] == call.shop.channel), None)


async def _articles(front: Front, call: Call, order: str) -> list[dict[str, Any]]:
    """Return the lines of an order, which a claim may be about; none where orders does not answer now."""
    try:
        found = await front.upstream.get(call.visit, "orders", f"/orders/{order}")
    except Problem as refused:
        if refused.status not in (404, 503):
            raise
        return []
    return [{**line, "units": [unit["unit"] for unit in line["units"]]} for line in found["lines"]]


async def _see(front: Front, call: Call, path: str, number: int) -> None:
    """Record what was read; where that cannot be recorded now, it is new once more."""
    try:
        await front.upstream.post(call.visit, SERVICE, f"{path}/seen", {"number": number})
    except Problem as refused:
        if refused.status != 503:
            raise


async def _find(front: Front, call: Call, order: UUID) -> Any:
    """Return the customer's conversation about an order; there is no route for one alone."""
    cursor: str | None = None
    while True:
        page = await front.upstream.get(call.visit, SERVICE, "/conversations", limit=100, cursor=cursor)
        for one in page["items"]:
            if one["order"] == str(order):
                return one
        cursor = page["next"]
        if cursor is None:
            return None
