"""What customers do: open conversations, see their own, close and reopen them."""

from typing import Annotated
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Body, Listing, Page, Routes, listing
from contracts.accounts import CustomerClaims
from pydantic import Field

from mail_relay.domain.alias import Domains, Side
from mail_relay.store import conversations, threads
from mail_relay.usecases import opening
from mail_relay.web import views
from mail_relay.web.thread_views import ListedConversationView, listed_view

CUSTOMER = "customer"
routes = Routes()


class OpenConversation(Body):
    """With whom, and about which article, if any."""

    seller: Annotated[str, Field(min_length=1, max_length=64)]
    sku: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")] | None = None


@routes.post("/conversations", allow=CUSTOMER)
async def open_conversation(tx: Tx, caller: Caller, body: OpenConversation, domains: Domains) -> views.ConversationView:
    """Get the address at which a seller is written to before there is an order; it is the same each time (MAIL-2)."""
    claims = CustomerClaims.model_validate(caller.claims)
    opened = await opening.open_first_contact(
        tx, caller.tenant, UUID(caller.subject), claims, body.seller, body.sku, domains
    )
    return views.conversation_view(opened, domains)


@routes.get("/conversations", allow=CUSTOMER)
async def list_conversations(
    read: Read, caller: Caller, page: Page, domains: Domains
) -> Listing[ListedConversationView]:
    """A customer's conversations, the newest first, with what came last and what they have not read."""
    after = page.after(tuple[UUID])
    rows = await conversations.of_customer(
        read, caller.tenant, UUID(caller.subject), after[0] if after else None, page.limit + 1
    )
    latest = await threads.latest(read, caller.tenant, [one.id for one in rows])
    return listing(rows, page, lambda one: (one.id,), lambda one: listed_view(one, latest, domains))


@routes.post("/conversations/{conversation}/closing", allow=CUSTOMER)
async def close_conversation(tx: Tx, caller: Caller, conversation: UUID, domains: Domains) -> views.ConversationView:
    """Get no more messages of this seller in this conversation: they are refused, and the seller's server says so."""
    return await _set_closed(tx, caller, conversation, domains, closed=True)


@routes.post("/conversations/{conversation}/reopening", allow=CUSTOMER)
async def reopen_conversation(tx: Tx, caller: Caller, conversation: UUID, domains: Domains) -> views.ConversationView:
    """Let the seller write again."""
    return await _set_closed(tx, caller, conversation, domains, closed=False)


async def _set_closed(
    tx: Tx, caller: Caller, conversation: UUID, domains: Domains, *, closed: bool
) -> views.ConversationView:
    found = await opening.of_customer(tx, caller.tenant, UUID(caller.subject), conversation)
    await opening.set_closed(tx, found, Side.BUYER, closed=closed)
    return views.conversation_view(
        await opening.of_customer(tx, caller.tenant, found.customer_id, conversation), domains
    )
