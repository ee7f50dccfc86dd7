"""Relaying: what is claimed for the next server, and what follows from its answer."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog
from chassis.db import Tx
from contracts.mail_relay import MessageRefused
from contracts.mail_relay import Side as PublishedSide

from mail_relay.domain.message import State
from mail_relay.domain.proof import Fact, Proof
from mail_relay.domain.relaying import HOLD, Lease, Outcome, Task, Verdict, after_refusal
from mail_relay.store import messages, proofs, relayings
from mail_relay.usecases import pausing, proving, reporting
from mail_relay.usecases.policing import RELAY

log = structlog.get_logger(__name__)

# RFC 3463: an address that takes nothing, and a delivery that took too long
GONE, EXPIRED = "5.1.1", "4.4.7"


async def claim(tx: Tx, limit: int, lease: Lease) -> Sequence[Task]:
    """Lease messages that are to be relayed now; those of one conversation leave one after the other."""
    return await messages.claim(tx, limit, lease.duration)


async def settle(tx: Tx, answered: Sequence[tuple[Task, Outcome]]) -> None:
    """Record how attempts ended, and publish what others must know of them."""
    accepted = {
        task.conversation_id: (task, outcome) for task, outcome in answered if outcome.verdict is Verdict.ACCEPTED
    }
    await _settle_accepted(tx, accepted)
    # one that was taken twice, for its lease ended meanwhile, and all that needs more than to be recorded
    for task, outcome in answered:
        if accepted.get(task.conversation_id) != (task, outcome):
            await _settle(tx, task, outcome)


async def _settle_accepted(tx: Tx, accepted: Mapping[UUID, tuple[Task, Outcome]]) -> None:
    """Record messages that were accepted, one of each conversation, by one statement for all."""
    ends = await proofs.lock_all(tx, [(task.tenant, task.conversation_id) for task, _ in accepted.values()])
    relayed = list[relayings.Relayed]()
    for conversation_id, (task, outcome) in accepted.items():
        end = ends.get((task.tenant, conversation_id))
        if end is not None:
            details = {"code": outcome.code, "answer": outcome.answer}
            proof = Proof(conversation_id, end[0] + 1, tx.now, Fact.RELAYED, task.id, details)
            relayed.append(relayings.Relayed(task.tenant, outcome.code, outcome.answer, proof, end[1]))
    settled = await relayings.add(tx, relayed)
    for task, outcome in accepted.values():
        one = settled.get(task.id)
        if one is None:
            continue  # another replica, after the lease, was faster
        if one.followed:
            tx.wake(RELAY)
        await _publish(tx, task, State.RELAYED, outcome, one.order_id)


async def _settle(tx: Tx, task: Task, outcome: Outcome) -> None:
    state, send_at, failures = State.RELAYED, tx.now, task.failures
    lost = task.lost or outcome.verdict is Verdict.LOST
    match outcome.verdict:
        case Verdict.ACCEPTED:
            pass
        case Verdict.ERASED:
            state = State.ERASED
        case Verdict.BOUNCED:
            state = State.BOUNCED
        case Verdict.HELD:
            state, send_at = State.WAITING, tx.now + HOLD
        case Verdict.REFUSED | Verdict.LOST:
            (state, send_at), failures = after_refusal(task, tx.now), failures + 1
    answer = (outcome.code, outcome.answer)
    end = await proving.take_turn(tx, task.tenant, task.conversation_id)
    settled = await messages.settle(tx, task, state, send_at, answer, failed=(lost, failures))
    if end is None or settled is None:
        return  # another replica, after the lease, was faster
    if state is State.WAITING:
        return
    if settled.followed:
        tx.wake(RELAY)
    code, text = answer
    await proving.prove_behind(tx, task.tenant, task.conversation_id, end, Fact(state), task.id, code=code, answer=text)
    if state is not State.ERASED:
        await _publish(tx, task, state, outcome, settled.order_id)


async def _publish(tx: Tx, task: Task, state: State, outcome: Outcome, order: UUID | None) -> None:
    if state is State.RELAYED:
        answer = f"{outcome.code} {outcome.answer}".strip()
        tx.publish(reporting.relayed(task, order, tx.now, answer), cause=task)
        return
    log.warning("a message was refused by the other side's server", message=str(task.id), code=outcome.code)
    await reporting.report(tx, task.tenant, task.id, GONE if outcome.verdict is Verdict.BOUNCED else EXPIRED)
    refused = MessageRefused(
        tenant=task.tenant,
        conversation=task.conversation_id,
        refusal=task.id,
        seller=task.seller,
        order=order,
        side=PublishedSide(task.side),
        reason="bounced",
        refused_at=tx.now,
    )
    tx.publish(refused, cause=task)
    await pausing.bounced(tx, task.tenant, task.conversation_id, task.side.other)
