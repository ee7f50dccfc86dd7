"""The door for HTTP: conversations, their aliases, and what became of their messages."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
import structlog
from aiohttp import web
from chassis.db import Begin, Read, Tx
from chassis.identity import Caller, KeyRings
from chassis.web import Body, Listing, Page, Routes, View, listing, not_found
from contracts.accounts import CustomerClaims
from contracts.event import Sealed
from pydantic import Field

from mail_relay.clients.contents import Contents
from mail_relay.clients.mbox import MEDIA_TYPE, mailbox
from mail_relay.domain.alias import Domain, Side
from mail_relay.domain.conversation import Conversation, ConversationUnknown, SellerUnknown, SellerUnreachable
from mail_relay.store import conversations, messages
from mail_relay.usecases import opening, reviewing

log = structlog.get_logger(__name__)

REVIEW = "review"
CUSTOMER, REVIEWER, READERS = "customer", "reviewer", ("support", "sales", "reviewer")
Why = Annotated[str, Field(min_length=3, max_length=200)]
ROUTES = Routes(errors={ConversationUnknown: 404, SellerUnknown: 404, SellerUnreachable: 409})


class OpenConversation(Body):
    """With whom, and about which article, if any."""

    seller: Annotated[str, Field(min_length=1, max_length=64)]
    sku: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")] | None = None


class ConversationView(View):
    """A conversation: where the customer writes to, and whether the seller may write."""

    conversation: UUID
    seller: str
    order: UUID | None
    order_number: str | None
    sku: str | None
    write_to: str
    seller_may_write: bool
    messages: int
    opened_at: datetime


class StaffConversationView(ConversationView):
    """The same with the alias at which the customer is written to, and whether the customer may write."""

    customer: UUID
    customer_is_written_to_at: str
    customer_may_write: bool


class MessageView(View):
    """A message of a conversation and what became of it; `code` and `answer` are the next server's."""

    message: UUID
    number: int
    side: str
    received_at: datetime
    size: int
    state: str
    settled_at: datetime | None
    code: int | None
    answer: str | None
    content_hash: str
    digest: str


@ROUTES.post("/conversations", allow=CUSTOMER)
async def open_conversation(tx: Tx, caller: Caller, body: OpenConversation, domain: Domain) -> ConversationView:
    """Get the address at which a seller is written to before there is an order; it is the same each time (MAIL-2)."""
    claims = CustomerClaims.model_validate(caller.claims)
    opened = await opening.open_first_contact(
        tx, caller.tenant, UUID(caller.subject), claims, body.seller, body.sku, domain
    )
    return _view(opened, domain)


@ROUTES.get("/conversations", allow=CUSTOMER)
async def list_conversations(read: Read, caller: Caller, page: Page, domain: Domain) -> Listing[ConversationView]:
    """A customer's conversations, the newest first."""
    after = page.after(tuple[UUID])
    rows = await conversations.of_customer(
        read, caller.tenant, UUID(caller.subject), after[0] if after else None, page.limit + 1
    )
    return listing(rows, page, lambda one: (one.id,), lambda one: _view(one, domain))


@ROUTES.post("/conversations/{conversation}/closing", allow=CUSTOMER)
async def close_conversation(tx: Tx, caller: Caller, conversation: UUID, domain: Domain) -> ConversationView:
    """Get no more messages of this seller in this conversation: they are refused, and the seller's server says so."""
    return await _set_closed(tx, caller, conversation, domain, closed=True)


@ROUTES.post("/conversations/{conversation}/reopening", allow=CUSTOMER)
async def reopen_conversation(tx: Tx, caller: Caller, conversation: UUID, domain: Domain) -> ConversationView:
    """Let the seller write again."""
    return await _set_closed(tx, caller, conversation, domain, closed=False)


@ROUTES.get("/orders/{order}/conversation", allow=READERS)
async def conversation_of_order(read: Read, caller: Caller, order: UUID, domain: Domain) -> StaffConversationView:
    """The conversation about an order."""
    found = await conversations.of_order(read, caller.tenant, order)
    if found is None:
        raise not_found()
    return StaffConversationView(
        **_view(found, domain).model_dump(),
        customer=found.customer_id,
        customer_is_written_to_at=domain.address(found.aliases[Side.BUYER]),
        customer_may_write=Side.SELLER not in found.closed,
    )


@ROUTES.get("/conversations/{conversation}/messages", allow=READERS)
async def list_messages(read: Read, caller: Caller, page: Page, conversation: UUID) -> Listing[MessageView]:
    """The messages of a conversation in their order, without what is in them."""
    if await conversations.find(read, caller.tenant, conversation) is None:
        raise not_found()
    after = page.after(tuple[int])
    rows = await messages.of_conversation(read, caller.tenant, conversation, after[0] if after else 0, page.limit + 1)
    return listing(rows, page, lambda row: (row["number"],), _message)


@ROUTES.get("/conversations/{conversation}/mbox", allow=REVIEWER, also={200: MEDIA_TYPE})
async def read_conversation(
    request: web.Request,
    begin: Begin,
    caller: Caller,
    conversation: UUID,
    purpose: Why,
    keys: KeyRings,
    contents: Contents,
) -> web.StreamResponse:
    """All that both sides wrote, as it was received, for mail programs; each reading is recorded and published (K7)."""
    async with begin() as tx:
        rows = await reviewing.open_case(tx, caller.tenant, conversation, REVIEW, purpose)
    boxes = [Sealed.parse(box) for row in rows if (box := row["records_key_box"])]
    opened = await keys.ring(REVIEW).unlock(boxes)
    headers = {"Content-Type": MEDIA_TYPE, "Content-Disposition": f'attachment; filename="{conversation}.mbox"'}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    try:
        async for message in mailbox(rows, opened, contents):
            await response.write(message)
        await response.write_eof()
    except Exception as error:
        log.warning("a mailbox was broken off", reason=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()  # what ends early must not look whole
    return response


async def _set_closed(tx: Tx, caller: Caller, conversation: UUID, domain: Domain, *, closed: bool) -> ConversationView:
    found = await opening.of_customer(tx, caller.tenant, UUID(caller.subject), conversation)
    await opening.set_closed(tx, found, Side.BUYER, closed=closed)
    return _view(await opening.of_customer(tx, caller.tenant, found.customer_id, conversation), domain)


def _view(one: Conversation, domain: Domain) -> ConversationView:
    return ConversationView(
        conversation=one.id,
        seller=one.seller,
        order=one.order_id,
        order_number=one.order_number,
        sku=one.sku,
        write_to=domain.address(one.aliases[Side.SELLER]),
        seller_may_write=Side.BUYER not in one.closed,
        messages=one.messages,
        opened_at=one.opened_at,
    )


def _message(row: asyncpg.Record) -> MessageView:
    return MessageView(
        message=row["id"],
        number=row["number"],
        side=row["side"],
        received_at=row["received_at"],
        size=row["size"],
        state=row["state"],
        settled_at=row["settled_at"],
        code=row["code"],
        answer=row["answer"],
        content_hash=row["content_hash"].hex(),
        digest=row["digest"].hex(),
    )
