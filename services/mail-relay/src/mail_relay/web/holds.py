"""Legal holds: a reviewer keeps a case whole (MAIL-19)."""

from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Listing, Routes, View

from mail_relay.domain.conversation import ConversationUnknown
from mail_relay.domain.legal_hold import Ground, LegalHold
from mail_relay.store import conversations, legal_holds
from mail_relay.usecases import holding

REVIEWER = "reviewer"
routes = Routes()


class HoldView(View):
    """A legal hold; one for a claim has the claim's id, and ends with it."""

    hold: UUID
    ground: Ground
    placed_at: datetime
    released_at: datetime | None


@routes.get("/conversations/{conversation}/holds", allow=REVIEWER)
async def list_holds(read: Read, caller: Caller, conversation: UUID) -> Listing[HoldView]:
    """All holds of a conversation, the oldest first."""
    if await conversations.find(read, caller.tenant, conversation) is None:
        raise ConversationUnknown
    found = await legal_holds.of_conversation(read, caller.tenant, conversation)
    return Listing[HoldView](items=[hold_view(one) for one in found])


@routes.post("/conversations/{conversation}/holds", allow=REVIEWER)
async def hold_conversation(tx: Tx, caller: Caller, conversation: UUID) -> Listing[HoldView]:
    """Keep all that reviewers can read of a conversation, whatever erasure and retention say, until it is released."""
    if await conversations.find(tx, caller.tenant, conversation) is None:
        raise ConversationUnknown
    await holding.hold(tx, caller.tenant, conversation, tx.new_id(), Ground.REVIEW)
    return await list_holds(tx, caller, conversation)


@routes.post("/holds/{hold}/release", allow=REVIEWER, status=204)
async def release_hold(tx: Tx, caller: Caller, hold: UUID) -> None:
    """Release a hold: what it has delayed is done. That of a claim ends with the claim."""
    await holding.release(tx, caller.tenant, hold, Ground.REVIEW)


def hold_view(one: LegalHold) -> HoldView:
    """Return a hold for reading."""
    return HoldView(hold=one.id, ground=one.ground, placed_at=one.placed_at, released_at=one.released_at)
