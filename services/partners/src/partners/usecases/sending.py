"""Sending partners what they may see: everything is kept, and what has readers goes to their topics."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from chassis.consuming import Message
from chassis.db import Tx
from contracts.event import Event
from contracts.partner import STRUCTURED

from contracts import partner_json
from partners.domain.facts import Fact, numbered
from partners.domain.partner import pseudonym, topic_of
from partners.store import aggregates, facts, partners
from partners.usecases.vault import Vault


async def send(tx: Tx, messages: Sequence[Message[Event]], vault: Vault) -> None:
    """Send events to the open partners of their tenants and channels.

    What names no channel waits until another event of its order has named it; what partners are not to be bothered
    with (history) is kept all the same.
    """
    came = [_fact(message, tx, vault) for message in messages]
    await partners.hold_still(tx, {fact.tenant for fact in came})
    known = await aggregates.count(tx, came)
    new = numbered(came, known)
    placed = [aggregate for aggregate in known.values() if aggregate.channel is not None]
    found = [*await facts.take_waiting(tx, placed), *new]
    await facts.keep(tx, found)
    if tx.effects:
        named = {(fact.tenant, fact.channel) for fact in found if fact.channel is not None}
        publish(tx, found, await partners.readers(tx, named), vault)


def publish(tx: Tx, found: Iterable[Fact], readers: dict[tuple[str, str], list[str]], vault: Vault) -> None:
    """Publish facts to those who read their channels."""
    keys = {partner: vault.key_of(partner) for partners_ in readers.values() for partner in partners_}
    for fact in found:
        for partner in readers.get((fact.tenant, fact.channel or ""), ()):
            known_by = None if fact.customer is None else pseudonym(keys[partner], fact.customer)
            tx.publish_as_is(topic_of(partner, fact.topic), fact.key, fact.content_for(known_by), STRUCTURED)


def _fact(message: Message[Event], tx: Tx, vault: Vault) -> Fact:
    event, at = message.event, message.attributes.time or tx.now
    kept: timedelta | None = event.DECLARED.retention
    customer: UUID | None = getattr(event, "customer", None)
    return Fact(
        tenant=event.tenant,
        topic=event.DECLARED.topic,
        key=event.record_key,
        channel=getattr(event, "channel", None),
        at=at,
        content=partner_json(event, message.attributes),
        customer=None if customer is None else vault.customer(event.tenant, customer),
        expires_at=None if kept is None else at + kept,
    )
