"""What staff sees: conversations, what became of their messages, and, for reviewers, what is in them."""

from typing import Annotated
from uuid import UUID

from chassis.db import Begin, Read
from chassis.identity import Caller, KeyRings
from chassis.web import Listing, Page, Routes, listing, not_found
from contracts.event import Sealed
from pydantic import Field

from mail_relay.clients import cases
from mail_relay.clients.contents import Contents
from mail_relay.domain.alias import Domains
from mail_relay.store import conversations, messages
from mail_relay.usecases import reviewing
from mail_relay.usecases.reviewing import REVIEW
from mail_relay.web import views
from mail_relay.web.case_views import CaseView, case_view

REVIEWER, READERS = "reviewer", ("support", "sales", "reviewer")
LIST = "list of conversations"
Name = Annotated[str, Field(min_length=1, max_length=64)]
Why = Annotated[str, Field(min_length=3, max_length=200)]
routes = Routes()


@routes.get("/orders/{order}/conversation", allow=READERS)
async def conversation_of_order(
    read: Read, caller: Caller, order: UUID, domains: Domains
) -> views.StaffConversationView:
    """The conversation about an order."""
    found = await conversations.of_order(read, caller.tenant, order)
    if found is None:
        raise not_found()
    return views.staff_view(found, domains)


@routes.get("/all-conversations", allow=REVIEWER)
async def list_all_conversations(
    begin: Begin,
    caller: Caller,
    page: Page,
    domains: Domains,
    seller: Name | None = None,
    number: Name | None = None,
    customer: UUID | None = None,
) -> Listing[views.StaffConversationView]:
    """All conversations of the tenant, the newest first; with a seller, about an order, or of a customer if named.

    Who writes to whom is personal: each one that is listed is in the audit log as read.
    """
    after = page.after(tuple[UUID])
    wanted = conversations.Wanted(seller, number, customer)
    async with begin() as tx:
        found = await conversations.of_tenant(tx, caller.tenant, wanted, after[0] if after else None, page.limit + 1)
        tx.audit_reading("conversation", [one.id for one in found[: page.limit]], LIST)
    return listing(found, page, lambda one: (one.id,), lambda one: views.staff_view(one, domains))


@routes.get("/conversations/{conversation}/messages", allow=READERS)
async def list_messages(read: Read, caller: Caller, page: Page, conversation: UUID) -> Listing[views.MessageView]:
    """The messages of a conversation in their order, without what is in them."""
    if await conversations.find(read, caller.tenant, conversation) is None:
        raise not_found()
    after = page.after(tuple[int])
    rows = await messages.of_conversation(read, caller.tenant, conversation, after[0] if after else 0, page.limit + 1)
    return listing(rows, page, lambda row: (row["number"],), views.message_view)


@routes.get("/conversations/{conversation}/case", allow=REVIEWER)
async def read_case(
    begin: Begin,
    caller: Caller,
    page: Page,
    conversation: UUID,
    purpose: Why,
    keys: KeyRings,
    contents: Contents,
    domains: Domains,
) -> CaseView:
    """All evidence in one view: a page of what both sides wrote, what happened to it, and what was refused (K7, K8).

    Each reading is recorded with its purpose, and published.
    """
    after = page.after(tuple[int])
    async with begin() as tx:
        found, case = await reviewing.open_case(
            tx, caller.tenant, conversation, purpose, after=after[0] if after else 0, limit=page.limit
        )
    shown = case.messages[: page.limit]
    kept = [cases.Content(row["id"], row["records_key_box"], row["content_hash"]) for row in shown]
    kept += [cases.Content(one.id, one.records_key_box, one.content_hash) for one in case.refused if one.content_hash]
    boxes = [box for box in (*(one.box for one in kept), *(one.envelope_box for one in case.refused)) if box]
    opened = await keys.ring(REVIEW).unlock(map(Sealed.parse, boxes))
    envelopes = {one.id: cases.envelope(one.envelope_box, opened) for one in case.refused}
    return case_view(found, case, (await cases.texts(kept, opened, contents), envelopes), domains, page)
