"""What staff decides: about what the policy held or blocked (MAIL-10), and that an alias is abused (MAIL-17)."""

from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Body, Listing, Page, Routes, View, listing, not_found

from mail_relay.domain.alias import Side
from mail_relay.domain.judgement import Abuse, Denial
from mail_relay.store import judgements
from mail_relay.store.judgements import Judgement
from mail_relay.usecases import opening, policing

REVIEWER, CUSTOMER, SWITCHERS = "reviewer", "customer", ("support", "reviewer")
routes = Routes()


class DenyMessage(Body):
    """Why a message is not passed on; its writer is told so."""

    reason: Denial


class JudgementView(View):
    """A message that a version of the policy warned of, held or blocked for a kind of finding, by a rule."""

    message: UUID
    conversation: UUID
    side: Side
    state: str
    version: int
    action: str
    kind: str
    rule: str
    judged_at: datetime
    appealed_at: datetime | None
    released: bool | None
    reason: str | None
    decided_at: datetime | None


class SwitchOff(Body):
    """What an alias is abused for."""

    reason: Abuse


class AliasView(View):
    """The alias that stands for a side of a conversation, and whether staff has switched it off."""

    conversation: UUID
    side: Side
    switched_off: bool


class AppealView(View):
    """How many messages somebody will look at."""

    messages: int


@routes.get("/held-messages", allow=REVIEWER)
async def list_held(read: Read, caller: Caller, page: Page) -> Listing[JudgementView]:
    """The messages that are held, or blocked with an appeal, and that nobody has decided about, the oldest first."""
    after = page.after(tuple[UUID])
    rows = await judgements.undecided(read, caller.tenant, after[0] if after else None, page.limit + 1)
    return listing(rows, page, lambda one: (one.message_id,), _view)


@routes.get("/messages/{message}/judgement", allow=REVIEWER)
async def view_judgement(read: Read, caller: Caller, message: UUID) -> JudgementView:
    """What the policy had done about a message, and what became of that."""
    found = await judgements.find(read, caller.tenant, message)
    if found is None:
        raise not_found()
    return _view(found)


@routes.post("/messages/{message}/release", allow=REVIEWER)
async def release_message(tx: Tx, caller: Caller, message: UUID) -> JudgementView:
    """Pass a message on that was held or blocked."""
    await policing.release(tx, caller.tenant, message)
    return await view_judgement(tx, caller, message)


@routes.post("/messages/{message}/denial", allow=REVIEWER)
async def deny_message(tx: Tx, caller: Caller, message: UUID, body: DenyMessage) -> JudgementView:
    """Do not pass a message on that was held or blocked, for good."""
    await policing.deny(tx, caller.tenant, message, body.reason)
    return await view_judgement(tx, caller, message)


@routes.post("/conversations/{conversation}/aliases/{side}/off", allow=SWITCHERS)
async def switch_off(tx: Tx, caller: Caller, conversation: UUID, side: Side, body: SwitchOff) -> AliasView:
    """Let nobody write to the alias of a side any more; neither side can undo that (MAIL-17)."""
    await policing.switch(tx, caller.tenant, conversation, side, body.reason)
    return AliasView(conversation=conversation, side=side, switched_off=True)


@routes.post("/conversations/{conversation}/aliases/{side}/on", allow=SWITCHERS)
async def switch_on(tx: Tx, caller: Caller, conversation: UUID, side: Side) -> AliasView:
    """Let the alias of a side be written to again, unless that side has closed it itself."""
    await policing.switch(tx, caller.tenant, conversation, side, None)
    return AliasView(conversation=conversation, side=side, switched_off=False)


@routes.post("/conversations/{conversation}/appeal", allow=CUSTOMER)
async def appeal(tx: Tx, caller: Caller, conversation: UUID) -> AppealView:
    """Have a person decide about all that was held or blocked of what the customer wrote in the last 30 days."""
    found = await opening.of_customer(tx, caller.tenant, UUID(caller.subject), conversation)
    return AppealView(messages=await policing.appeal(tx, found, Side.BUYER))


def _view(one: Judgement) -> JudgementView:
    return JudgementView(
        message=one.message_id,
        conversation=one.conversation_id,
        **{name: getattr(one, name) for name in JudgementView.model_fields if name not in ("message", "conversation")},
    )
