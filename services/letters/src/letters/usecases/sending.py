"""Sending e-mails: what is claimed for the mail server, and what follows from its answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog
from chassis.db import Tx
from chassis.telemetry import metrics
from contracts.letters import EmailBounced, EmailKind, EmailSent
from contracts.orders import ConsentKind
from contracts.shared import SaleHeader

from letters.domain.contents import contents, undelivered
from letters.domain.email import Email, Kind, State
from letters.domain.layout import lay_out
from letters.domain.letter import Letter, Tone
from letters.domain.order import Order
from letters.domain.sending import (
    FLOOD,
    EmailUnknown,
    Lease,
    LettersPerHour,
    NotRetryable,
    Outcome,
    Sender,
    after_attempt,
)
from letters.store import attempts, emails, orders
from letters.usecases.concluding import SEND, record_due

log = structlog.get_logger(__name__)
delivered_after = metrics.of("letters").histogram(
    "delivery_email_seconds",
    "From a payment that allowed delivery at once to the mail server's yes for the e-mail that delivers.",
    (1, 2, 5, 10, 30, 60, 120, 300, 600, 3600),
)


async def claim(tx: Tx, limit: int, lease: Lease, sender: Sender, most: LettersPerHour) -> Sequence[Letter]:
    """Lease the letters to be sent now, at most `limit`; what may have reached the server is repeated as it was.

    Nobody gets more than `most` in an hour: what is more waits. An e-mail that turns out empty is withdrawn. Until then
    others counted on it to take what came, so it is decided anew what is due.
    """
    claimed = {(one.tenant, one.order_id): one for one in await attempts.claim(tx, limit)}
    leased: list[attempts.Leased] = []
    ended: list[attempts.Settled] = []
    withdrawn: list[Order] = []
    for order in await orders.load(tx, claimed) if claimed else ():
        one = claimed[order.tenant, order.id]
        email = order.email(one.id)
        parts = contents(order, email)
        if order.agreement is None or order.email_box is None or order.name_box is None:
            ended.append(attempts.Settled(order.tenant, email.ended(State.ERASED, tx.now)))
        elif one.letter is not None:
            leased.append(attempts.Leased(one.letter, email.sequence))
        elif one.lately >= most:
            log.warning("a customer gets no more e-mails for now", order=str(order.id), email=str(one.id))
            ended.append(attempts.Settled(order.tenant, replace(email, send_at=tx.now + FLOOD)))
        elif parts is None:
            after = email.ended(State.WITHDRAWN, tx.now)
            ended.append(attempts.Settled(order.tenant, after))
            withdrawn.append(order.with_email(after))
        else:
            reached = {"email": one.email, "telephone": one.telephone, "reply_to": one.reply_to}
            seller = replace(order.agreement.seller, records=one.records, **reached)
            agreement = replace(order.agreement, seller=seller)
            letter = lay_out(order, agreement, email, parts, now=tx.now, brand=one.brand)
            grants = {link.grant_id for link in parts.links}
            leased.append(attempts.Leased(letter, email.sequence, parts.parts, grants))
    if leased:
        await attempts.lease(tx, leased, lease)
    if ended:
        await attempts.settle(tx, ended)
        tx.wake(SEND)
    await record_due(tx, withdrawn, {}, sender)
    return [one.letter for one in leased]


async def settle(tx: Tx, answered: Sequence[tuple[Letter, Outcome]], sender: Sender) -> None:
    """Record how attempts ended, and publish what others must know of it."""
    keys = {(letter.tenant, letter.order_id) for letter, _ in answered}
    await orders.lock(tx, keys)
    known = {(order.tenant, order.id): order for order in await orders.load(tx, keys)}
    settled: list[attempts.Settled] = []
    for letter, outcome in answered:
        order = known.get((letter.tenant, letter.order_id))
        email = order and order.email(letter.id)
        if order is None or email is None or email.state is not State.SENDING:
            continue  # another replica, after the lease, was faster
        after = after_attempt(order, email, outcome, tx.now)
        if after.state is State.WAITING:
            await attempts.free(tx, order.tenant, email)
        elif after.state is State.SENT:
            _publish_sent(tx, order, after, letter)
            _measure(order, after, tx.now)
        elif after.state is State.BOUNCED:
            _publish_bounced(tx, order, after, letter)
        settled.append(attempts.Settled(order.tenant, after, outcome.sealed_copy))
        order = known[order.tenant, order.id] = order.with_email(after)
        if any(one.sequence > email.sequence and one.state is State.WAITING for one in order.emails):
            tx.wake(SEND)
    await attempts.settle(tx, settled)
    await record_due(tx, known.values(), {}, sender)


async def retry(tx: Tx, tenant: str, email_id: UUID) -> None:
    """Send a bounced e-mail after all; raises EmailUnknown, NotRetryable."""
    email = await emails.find(tx, tenant, email_id)
    if email is None:
        raise EmailUnknown
    await orders.lock(tx, [(tenant, email.order_id)])
    if not await attempts.revive(tx, tenant, email_id):
        raise NotRetryable
    after = {"state": State.WAITING, "order": email.order_id}
    tx.audit("email", email_id, before={"state": email.state}, after=after)
    tx.wake(SEND)


def _publish_sent(tx: Tx, order: Order, email: Email, letter: Letter) -> None:
    repeated = [] if letter.tone is Tone.REFUND else [ConsentKind(one.kind) for one in letter.consents if one.kind]
    tx.publish(
        EmailSent(
            **header(order),
            email=email.id,
            kind=published(email.kind),
            units=list(email.unit_ids),
            message_id=email.message_id,
            answer=f"{email.code} {email.answer}".strip(),
            sent_at=tx.now,
            consents=repeated,
        ),
        cause=letter,
    )


def _measure(order: Order, email: Email, now: datetime) -> None:
    paid = [unit.paid_at for unit in order.units if unit.id in email.unit_ids and unit.with_payment]
    if email.kind is Kind.DELIVERY and paid:
        delivered_after.observe(max(0.0, (now - max(paid)).total_seconds()))


def _publish_bounced(tx: Tx, order: Order, email: Email, letter: Letter) -> None:
    tx.publish(
        EmailBounced(
            **header(order),
            email=email.id,
            kind=published(email.kind),
            units=list(undelivered(order, email)),
            code=email.code or 0,
            bounced_at=tx.now,
        ),
        cause=letter,
    )


def published(kind: Kind) -> EmailKind:
    """Return the kind that others know: delivered until another day is delivered; a cancellation is acknowledged."""
    others = {Kind.EXTENSION: EmailKind.DELIVERY, Kind.CANCELLATION: EmailKind.ACKNOWLEDGEMENT}
    return others.get(kind) or EmailKind(kind)


def header(order: Order) -> SaleHeader:
    """Return what each event about an order's e-mails begins with."""
    return SaleHeader(
        tenant=order.tenant,
        channel=order.channel,
        market=order.market,
        seller=order.seller,
        order=order.id,
        order_number=order.number,
        ordered_at=order.ordered_at,
    )
