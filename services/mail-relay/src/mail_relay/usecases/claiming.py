"""Claiming: a claim is opened, stated about, decided, appealed and ended, all of it by mail or by HTTP (MAIL-8)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from chassis.db import Tx
from chassis.jobs import in_parts
from contracts.mail_relay import ClaimDecided, ClaimOpened, ClaimOutcome

from mail_relay.domain.alias import Side
from mail_relay.domain.claim import (
    AlreadyOpen,
    Claim,
    ClaimUnknown,
    Grounds,
    NothingToClaim,
    Outcome,
    Reason,
    State,
    check_contact,
)
from mail_relay.domain.conversation import Conversation, ConversationUnknown
from mail_relay.domain.legal_hold import Ground
from mail_relay.domain.notice import Detail
from mail_relay.domain.policy.clock import ends_at
from mail_relay.domain.proof import Fact
from mail_relay.store import claims, conversations, messages, outages, receipts
from mail_relay.store.claims import Claimable
from mail_relay.usecases import holding, noticing, proving

log = structlog.get_logger(__name__)

AT_A_TIME = 100
# shorter ones are a restart: servers try again within that
OUTAGE = timedelta(minutes=10)
OPENED = "claim_opened"
# about one unit: each has the seller answer anew, who loses by one silence
MOST_CLAIMS = 5
FACTS = {
    State.OPEN: Fact.CLAIM_OPENED,
    State.DECIDED: Fact.CLAIM_DECIDED,
    State.FINAL: Fact.CLAIM_DECIDED,
    State.APPEALED: Fact.CLAIM_APPEALED,
    State.WITHDRAWN: Fact.CLAIM_WITHDRAWN,
}


async def open_claim(
    tx: Tx, conversation: Conversation, reason: Reason, named: Sequence[UUID] = (), message_id: UUID | None = None
) -> Claim:
    """Open a claim about all that is left of an order, or about the lines and units that are named.

    A seller who has closed the conversation cannot be written to, and so is not waited for.
    Raises AlreadyOpen, NothingToClaim, ContactFirst, TooEarly.
    """
    tenant = conversation.tenant
    await messages.lock(tx, tenant, conversation.id)
    known = await claims.of_conversation(tx, tenant, conversation.id)
    if any(claim.active for claim in known):
        raise AlreadyOpen
    order = await claims.order(tx, tenant, conversation.order_id) if conversation.order_id else None
    if order is None or conversation.order_id is None:
        raise NothingToClaim
    unit_ids = _units(order, named, known)
    terms = await claims.terms_of(tx, tenant)
    if not await conversations.has_closed(tx, tenant, conversation.id, Side.SELLER):
        check_contact(await claims.first_written(tx, tenant, conversation.id, order.ordered_at), terms, tx.now)
    claim = Claim(
        tenant=tenant,
        id=tx.new_id(),
        conversation_id=conversation.id,
        order_id=conversation.order_id,
        seller=conversation.seller,
        unit_ids=unit_ids,
        reason=reason,
        opened_at=tx.now,
        terms=terms,
        due_at=ends_at(tx.now, terms.statement, terms.clock),
    )
    await _save(tx, claim)
    if message_id is not None:
        await claims.add_statement(tx, claim, message_id, Side.BUYER)
    await _notify(tx, conversation, claim, OPENED, Side)
    return claim


async def state(tx: Tx, conversation: Conversation, claim: Claim, side: Side, message_id: UUID) -> None:
    """Keep what a side has written about a claim; the other side is told that it has."""
    await claims.add_statement(tx, claim, message_id, side)
    if (stated := claim.stated(side)) != claim:
        await claims.save(tx, stated)
    await _notify(tx, conversation, stated, "claim_stated", [side.other])


async def decide(
    tx: Tx, tenant: str, claim_id: UUID, outcome: Outcome, grounds: Grounds, granted: Sequence[UUID], reviewer: str
) -> Claim:
    """Decide a claim, for good where it was appealed.

    Raises ClaimUnknown, NotDecidable, SameReviewer, NothingToClaim.
    """
    conversation, claim = await locked(tx, tenant, claim_id)
    decided = claim.decided(outcome, grounds, granted, reviewer, tx.now)
    tx.audit(
        "claim",
        claim_id,
        before={"state": claim.state, "outcome": claim.outcome},
        after={"state": decided.state, "outcome": outcome, "grounds": grounds},
    )
    return await _conclude(tx, conversation, decided)


async def appeal(tx: Tx, conversation: Conversation, claim: Claim, side: Side) -> Claim:
    """Open a decided claim again for another reviewer. Raises NotAppealable."""
    appealed = claim.appealed(side, tx.now)
    await _save(tx, appealed)
    await _notify(tx, conversation, appealed, "claim_appealed", Side)
    return appealed


async def withdraw(tx: Tx, conversation: Conversation, claim: Claim) -> Claim:
    """Take a claim back, as its buyer wants, or do without an appeal. Raises NotDecidable."""
    withdrawn = claim.withdrawn(tx.now)
    if withdrawn.state is State.FINAL:
        return await _conclude(tx, conversation, withdrawn)
    await _save(tx, withdrawn)
    await _notify(tx, conversation, withdrawn, "claim_withdrawn", Side)
    return withdrawn


async def let_elapse(tx: Tx) -> bool:
    """Let the clock decide: a seller who is silent loses, and what nobody appeals is final.

    After an outage, in which nobody could write, all have as much time more.
    """
    outage = await outages.live(tx)
    if outage >= OUTAGE:
        log.warning("nothing was received for a while: who has to answer has as much time more", seconds=outage.seconds)
        await outages.give_grace(tx, outage)
        return True
    found = sorted(await claims.due(tx, AT_A_TIME))
    done = await in_parts(tx, "claims", found, lambda some: _let_elapse(tx, some), tuple)
    return done > 0 and len(found) == AT_A_TIME


async def _let_elapse(tx: Tx, due: Sequence[tuple[str, UUID]]) -> None:
    for tenant, claim_id in due:
        conversation, claim = await locked(tx, tenant, claim_id)
        reached = await noticing.arrived(tx, conversation, Side.SELLER, OPENED, claim.opened_at)
        received = await receipts.received(tx, tenant, claim.order_id)
        elapsed = claim.elapsed(tx.now, reached=reached, received=received)
        if elapsed.state is State.REVIEW:
            await claims.save(tx, elapsed)
        elif elapsed != claim:
            await _conclude(tx, conversation, elapsed)


async def locked(tx: Tx, tenant: str, claim_id: UUID) -> tuple[Conversation, Claim]:
    """Return a claim that nobody else changes before the transaction ends. Raises ClaimUnknown."""
    found = await claims.find(tx, tenant, claim_id)
    if found is None:
        raise ClaimUnknown
    await messages.lock(tx, tenant, found.conversation_id)
    conversation = await conversations.find(tx, tenant, found.conversation_id)
    claim = await claims.find(tx, tenant, claim_id)
    if conversation is None or claim is None:
        raise ConversationUnknown
    return conversation, claim


def _units(order: Claimable, named: Sequence[UUID], known: Iterable[Claim]) -> tuple[UUID, ...]:
    """Return the named units, or all, but those decided about or claimed too often. Raises NothingToClaim."""
    known = list(known)
    decided = {unit for claim in known if claim.state is State.FINAL for unit in claim.unit_ids}
    times = Counter(unit for claim in known for unit in claim.unit_ids)
    decided |= {unit for unit, opened in times.items() if opened >= MOST_CLAIMS}
    lines = {line.line: line.units for line in order.lines}
    whole = [unit for units in lines.values() for unit in units]
    wanted = dict.fromkeys(unit for one in named for unit in lines.get(one, [one])) if named else dict.fromkeys(whole)
    found = tuple(unit for unit in wanted if unit not in decided)
    if not found or not set(wanted) <= set(whole):
        raise NothingToClaim
    return found


async def _conclude(tx: Tx, conversation: Conversation, claim: Claim) -> Claim:
    await _save(tx, claim)
    kind = "claim_final" if claim.state is State.FINAL else "claim_decided"
    await _notify(tx, conversation, claim, kind, Side)
    return claim


async def _save(tx: Tx, claim: Claim) -> None:
    """Keep a claim, prove and publish what has become of it; until it ends the case is held whole (MAIL-19)."""
    await claims.save(tx, claim)
    await proving.prove(
        tx,
        claim.tenant,
        claim.conversation_id,
        FACTS[claim.state],
        claim.id,
        revision=claim.revision,
        reason=claim.reason.value,
        units=_named(claim.unit_ids),
        outcome=claim.outcome and claim.outcome.value,
        grounds=claim.grounds and claim.grounds.value,
        granted=_named(claim.granted),
        final=int(claim.state is State.FINAL),
    )
    if claim.state is State.OPEN:
        await holding.hold(tx, claim.tenant, claim.conversation_id, claim.id, Ground.CLAIM)
    elif not claim.active:
        await holding.release(tx, claim.tenant, claim.id, Ground.CLAIM)
    facts = {
        "tenant": claim.tenant,
        "order": claim.order_id,
        "claim": claim.id,
        "conversation": claim.conversation_id,
        "seller": claim.seller,
        "revision": claim.revision,
    }
    if claim.state in (State.OPEN, State.APPEALED):
        opened = {"units": list(claim.unit_ids), "reason": claim.reason, "opened_at": tx.now}
        tx.publish(ClaimOpened.model_validate({**facts, **opened}))
        return
    outcome = ClaimOutcome.WITHDRAWN if claim.outcome is None else ClaimOutcome(claim.outcome)
    decided = {"outcome": outcome, "units": list(claim.granted), "final": not claim.active, "decided_at": tx.now}
    tx.publish(ClaimDecided.model_validate({**facts, **decided}))


def _named(units: Sequence[UUID]) -> str:
    return " ".join(map(str, units))


async def _notify(tx: Tx, conversation: Conversation, claim: Claim, kind: str, sides: Iterable[Side]) -> None:
    about: dict[str, Detail] = {"reason": claim.reason.value}
    if claim.outcome is not None and claim.grounds is not None:
        about |= {"outcome": claim.outcome.value, "grounds": claim.grounds.value}
    if claim.due_at is not None:
        name = "statement_until_at" if claim.state is State.OPEN else "appeal_until_at"
        about[name] = claim.due_at.isoformat()
    for side in sides:
        await noticing.notify(tx, conversation, side, kind, about)
