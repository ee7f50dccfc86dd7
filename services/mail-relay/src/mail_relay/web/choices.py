"""What customers choose about messages, and which sellers misuse the mark of critical ones (MAIL-11)."""

from typing import Annotated
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Read, Tx
from chassis.identity import Caller
from chassis.web import Rate, Routes, View, raw_body
from pydantic import Field

from mail_relay.domain.alias import Domains
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.policy.optout import WINDOW
from mail_relay.store import optouts
from mail_relay.usecases import choosing, opening

CUSTOMER, STAFF = "customer", ("sales", "support", "reviewer")
LARGEST = 4096
Alias = Annotated[str, Field(pattern=r"^[a-z0-9]{8,64}$")]
routes = Routes()


class ChoiceView(View):
    """Whether a customer gets messages of a seller without having asked."""

    conversation: UUID
    opted_out: bool


class MisusesView(View):
    """How often in the last 90 days a seller marked as critical what was not; flagged from the third time on."""

    seller: str
    misuses: int
    flagged: bool


class UnsubscribedView(View):
    """What a mail program is answered, whoever asked."""

    done: bool = True


@routes.get("/conversations/{conversation}/opt-out", allow=CUSTOMER)
async def view_choice(read: Read, caller: Caller, conversation: UUID) -> ChoiceView:
    """What a customer has chosen: all messages of this seller, or without having asked only the important ones."""
    own = await _own(read, caller, conversation)
    return ChoiceView(conversation=conversation, opted_out=await optouts.is_opted_out(read, own))


@routes.post("/conversations/{conversation}/opt-out", allow=CUSTOMER)
async def opt_out(tx: Tx, caller: Caller, conversation: UUID, domains: Domains) -> ChoiceView:
    """Get no messages of this seller without having asked, but for what is marked [Important] or [Wichtig]."""
    await choosing.set_opted_out(tx, await _own(tx, caller, conversation), domains, out=True)
    return ChoiceView(conversation=conversation, opted_out=True)


@routes.post("/conversations/{conversation}/opt-in", allow=CUSTOMER)
async def opt_in(tx: Tx, caller: Caller, conversation: UUID, domains: Domains) -> ChoiceView:
    """Get all messages of this seller again."""
    await choosing.set_opted_out(tx, await _own(tx, caller, conversation), domains, out=False)
    return ChoiceView(conversation=conversation, opted_out=False)


@routes.post("/conversations/{conversation}/misuse", allow=CUSTOMER)
async def report_misuse(tx: Tx, caller: Caller, conversation: UUID) -> ChoiceView:
    """Say that what came as critical was not."""
    await choosing.report_misuse(tx, await _own(tx, caller, conversation))
    return ChoiceView(conversation=conversation, opted_out=True)


@routes.get("/sellers/{seller}/misuses", allow=STAFF)
async def view_misuses(
    read: Read, caller: Caller, seller: Annotated[str, Field(min_length=1, max_length=64)]
) -> MisusesView:
    """How often a seller misused the mark of critical messages."""
    found = await optouts.misuses(read, caller.tenant, seller, read.now - WINDOW)
    flagged = await choosing.is_misusing(read, caller.tenant, seller)
    return MisusesView(seller=seller, misuses=len(found), flagged=flagged)


@routes.post("/unsubscribe/{alias}", limit=Rate(60, 60))
async def unsubscribe(request: web.Request, begin: Begin, alias: Alias, domains: Domains) -> UnsubscribedView:
    """Opt out by the button of a mail program, which needs no account (RFC 8058); a scanner's GET does nothing."""
    await raw_body(request, LARGEST)
    async with begin() as tx:
        await choosing.unsubscribe(tx, alias, domains)
    return UnsubscribedView()


async def _own(read: Read, caller: Caller, conversation: UUID) -> Conversation:
    return await opening.of_customer(read, caller.tenant, UUID(caller.subject), conversation)
