"""Claims: customers open, appeal and withdraw them, reviewers decide; both see how they stand (MAIL-8, K9, K11)."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from chassis.db import Begin, Read, Tx
from chassis.identity import Caller
from chassis.web import Body, Listing, Page, Routes, View, listing
from pydantic import Field
from uuid_utils.compat import uuid7

from mail_relay.clients import typed
from mail_relay.clients.contents import Contents
from mail_relay.domain.alias import Domains, Side
from mail_relay.domain.claim import Claim, ClaimUnknown, Grounds, Outcome, Reason, State, Terms
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.policy.limits import Limits
from mail_relay.store import claims
from mail_relay.usecases import answering, claiming, opening, stating

CUSTOMER, REVIEWER, SALES = "customer", "reviewer", "sales"
READERS = ("support", "sales", "reviewer")
Hours = Annotated[int, Field(ge=0, le=24 * 90)]
# as many characters as fit beside an e-mail that is short
MOST_TYPED = 4000
routes = Routes()


class OpenClaim(Body):
    """Why, and about which lines or units of the order; all of it where none is named.

    `text` says what has happened and what is wanted: it is a message to the desk, which reviewers read.
    """

    reason: Reason
    text: Annotated[str, Field(max_length=MOST_TYPED, pattern=r"^[^\x00]*$")] = ""
    about: Annotated[list[UUID], Field(max_length=1000, default_factory=list[UUID])]


class DecideClaim(Body):
    """For whom, why, and which of the units go back where it is for the buyer; all of them where none is named."""

    outcome: Outcome
    grounds: Literal["agreed", "shown_by_buyer", "shown_by_seller", "not_shown"]
    units: Annotated[list[UUID], Field(max_length=1000, default_factory=list[UUID])]


class ClaimTerms(Body):
    """A tenant's clocks in hours, and whether they run on Saturdays and Sundays.

    `contact` is how long a seller has before a claim is taken, `answer` how long an answer may take before it is late.
    """

    contact: Hours
    statement: Hours
    appeal: Hours
    answer: Hours
    weekends_count: bool


class ClaimTermsView(View):
    """A tenant's clocks in hours."""

    contact: int
    statement: int
    appeal: int
    answer: int
    weekends_count: bool


class StatementView(View):
    """A message to the desk about a claim; a reviewer reads it in the case."""

    message: UUID
    side: Side
    stated_at: datetime


class ClaimView(View):
    """A claim: at `due_at` the clock decides, `granted` are the units that go back, `write_to` is the desk."""

    claim: UUID
    conversation: UUID
    order: UUID
    seller: str
    units: list[UUID]
    reason: Reason
    opened_at: datetime
    state: State
    due_at: datetime | None
    outcome: Outcome | None
    grounds: Grounds | None
    granted: list[UUID]
    decided_at: datetime | None
    appealed_by: Side | None
    ended_at: datetime | None


class ClaimCaseView(ClaimView):
    """A claim with what both sides have stated."""

    statements: list[StatementView]


class ClaimsView(View):
    """The claims of a conversation, and the address at which its customer writes to the desk."""

    desk: str
    claims: list[ClaimView]


class DurationsView(View):
    """How many claims ended in the last 90 days, and how many hours they took from opening to end."""

    ended: int
    median_hours: float | None
    longest_hours: float | None


class LateRatesView(View):
    """Which part of what buyers asked in the last days was answered late; null where nothing was asked."""

    days_7: float | None
    days_30: float | None
    days_90: float | None


@routes.post("/conversations/{conversation}/claims", allow=CUSTOMER)
async def open_claim(
    read: Read,
    begin: Begin,
    caller: Caller,
    conversation: UUID,
    body: OpenClaim,
    contents: Contents,
    domains: Domains,
    limits: Limits,
) -> ClaimView:
    """Ask for a decision, once the seller was written to and has had time to help (K9)."""
    found = await _own(read, caller, conversation)
    text = body.text.strip()
    stated = await typed.keep(contents, found, domains.of(found.tenant), uuid7(), text, read.now) if text else None
    async with begin() as tx:
        if stated is not None:
            await stating.file(tx, found, stated, domains, limits)
        message_id = stated.id if stated else None
        return claim_view(await claiming.open_claim(tx, found, body.reason, body.about, message_id))


@routes.get("/conversations/{conversation}/claims", allow=CUSTOMER)
async def view_claims(read: Read, caller: Caller, conversation: UUID, domains: Domains) -> ClaimsView:
    """How the customer's claims of a conversation stand (K11)."""
    found = await _own(read, caller, conversation)
    rows = await claims.of_conversation(read, caller.tenant, conversation)
    return ClaimsView(
        desk=domains.of(found.tenant).address(found.desks[Side.BUYER]), claims=[claim_view(one) for one in rows]
    )


@routes.post("/claims/{claim}/withdrawal", allow=CUSTOMER)
async def withdraw_claim(tx: Tx, caller: Caller, claim: UUID) -> ClaimView:
    """Take a claim back: what it suspended is valid again."""
    conversation, found = await claiming.locked(tx, caller.tenant, claim)
    _check_owner(conversation, caller)
    return claim_view(await claiming.withdraw(tx, conversation, found))


@routes.post("/claims/{claim}/appeal", allow=CUSTOMER)
async def appeal_claim(tx: Tx, caller: Caller, claim: UUID) -> ClaimView:
    """Have another reviewer decide once more, in time and by who lost; the seller does so by mail."""
    conversation, found = await claiming.locked(tx, caller.tenant, claim)
    _check_owner(conversation, caller)
    return claim_view(await claiming.appeal(tx, conversation, found, Side.BUYER))


@routes.get("/orders/{order}/claims", allow=READERS)
async def claims_of_order(read: Read, caller: Caller, order: UUID) -> Listing[ClaimView]:
    """All claims about an order, the oldest first (K9)."""
    return Listing(items=[claim_view(one) for one in await claims.of_order(read, caller.tenant, order)])


@routes.get("/claims", allow=REVIEWER)
async def list_claims(read: Read, caller: Caller, page: Page, state: State | None = None) -> Listing[ClaimView]:
    """The claims in a state, or those about which a reviewer has to decide, the oldest first."""
    after, states = page.after(tuple[UUID]), [state] if state else [State.REVIEW, State.APPEALED]
    rows = await claims.of_states(read, caller.tenant, states, after[0] if after else None, page.limit + 1)
    return listing(rows, page, lambda one: (one.id,), claim_view)


@routes.get("/claims/{claim}", allow=REVIEWER)
async def view_claim(read: Read, caller: Caller, claim: UUID) -> ClaimCaseView:
    """A claim with what both sides have stated."""
    found = await claims.find(read, caller.tenant, claim)
    if found is None:
        raise ClaimUnknown
    rows = await claims.statements(read, caller.tenant, claim)
    return ClaimCaseView(**claim_view(found).model_dump(), statements=[_statement(row) for row in rows])


@routes.post("/claims/{claim}/decision", allow=REVIEWER)
async def decide_claim(tx: Tx, caller: Caller, claim: UUID, body: DecideClaim) -> ClaimView:
    """Decide a claim; both sides are told, and who lost may appeal once."""
    return claim_view(
        await claiming.decide(tx, caller.tenant, claim, body.outcome, Grounds(body.grounds), body.units, caller.subject)
    )


@routes.get("/claim-durations", allow=READERS)
async def view_durations(read: Read, caller: Caller) -> DurationsView:
    """How long it takes until a claim is settled (K8)."""
    found = await claims.durations(read, caller.tenant, read.now - answering.LONGEST)
    return DurationsView(ended=found.ended, median_hours=found.median_hours, longest_hours=found.longest_hours)


@routes.get("/claim-terms", allow=(*READERS, CUSTOMER))
async def view_terms(read: Read, caller: Caller) -> ClaimTermsView:
    """The clocks that run for claims."""
    return _terms_view(await claims.terms_of(read, caller.tenant))


@routes.put("/claim-terms", allow=SALES)
async def set_terms(tx: Tx, caller: Caller, body: ClaimTerms) -> ClaimTermsView:
    """Let other clocks run from now on; claims that are open keep theirs."""
    hours = body.model_dump(exclude={"weekends_count"})
    terms = Terms(**{name: timedelta(hours=value) for name, value in hours.items()}, weekends_count=body.weekends_count)
    before = _terms_view(await claims.terms_of(tx, caller.tenant)).model_dump()
    await claims.set_terms(tx, caller.tenant, terms)
    tx.audit("claim terms", caller.tenant, before=before, after=body.model_dump())
    return _terms_view(terms)


@routes.get("/sellers/{seller}/late-rates", allow=READERS)
async def view_late_rates(read: Read, caller: Caller, seller: Annotated[str, Field(max_length=64)]) -> LateRatesView:
    """How fast a seller answers: what came after the tenant's hours, or is missing still, over 7, 30 and 90 days."""
    rates = await answering.rates(read, caller.tenant, seller)
    return LateRatesView(days_7=rates[7], days_30=rates[30], days_90=rates[90])


@routes.post("/conversations/{conversation}/no-answer-needed", allow=("support", "sales"))
async def needs_no_answer(tx: Tx, caller: Caller, conversation: UUID) -> None:
    """Say for a seller that what the buyer wrote needs no answer, as sellers do by mail to the desk (MAIL-9)."""
    found = await opening.of_tenant(tx, caller.tenant, conversation)
    tx.audit("conversation", conversation, after={"no_answer_needed": True})
    await answering.needs_no_answer(tx, found)


async def _own(read: Read, caller: Caller, conversation: UUID) -> Conversation:
    return await opening.of_customer(read, caller.tenant, UUID(caller.subject), conversation)


def _check_owner(conversation: Conversation, caller: Caller) -> None:
    if str(conversation.customer_id) != caller.subject:
        raise ClaimUnknown


def claim_view(one: Claim) -> ClaimView:
    """Return how a claim stands."""
    return ClaimView(
        claim=one.id,
        conversation=one.conversation_id,
        order=one.order_id,
        units=list(one.unit_ids),
        granted=list(one.granted),
        **{
            name: getattr(one, name)
            for name in ClaimView.model_fields
            if name not in ("claim", "conversation", "order", "units", "granted")
        },
    )


def _statement(row: asyncpg.Record) -> StatementView:
    return StatementView(message=row["message_id"], side=row["side"], stated_at=row["stated_at"])


def _terms_view(terms: Terms) -> ClaimTermsView:
    hours = {name: getattr(terms, name) // timedelta(hours=1) for name in claims.HOURS}
    return ClaimTermsView(**hours, weekends_count=terms.weekends_count)
