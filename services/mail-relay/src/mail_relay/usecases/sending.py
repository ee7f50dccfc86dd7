"""Sending e-mails: what is claimed for the mail server, and what follows from its answer."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from chassis.db import Tx
from contracts.mail_relay import EmailBounced, EmailKind, EmailSent
from contracts.shared import SaleHeader

from mail_relay.domain.contents import contents, delivered
from mail_relay.domain.email import Email, State
from mail_relay.domain.layout import lay_out
from mail_relay.domain.letter import Letter
from mail_relay.domain.order import Order
from mail_relay.domain.sending import EmailUnknown, Lease, NotRetryable, Outcome, Sender, after_attempt
from mail_relay.store import attempts, emails, orders
from mail_relay.usecases.concluding import SEND, record_due


async def claim(tx: Tx, limit: int, lease: Lease) -> Sequence[Letter]:
    """Lease the letters to be sent now, at most `limit`; what may have reached the server is repeated as it was."""
    claimed = {(one.tenant, one.order_id): one for one in await attempts.claim(tx, limit)}
    leased: list[attempts.Leased] = []
    for order in await orders.load(tx, claimed) if claimed else ():
        one = claimed[order.tenant, order.id]
        email = order.email(one.id)
        parts = contents(order, email)
        if order.agreement is None or order.email_box is None or order.name_box is None:
            await attempts.settle(tx, order.tenant, email.ended(State.ERASED, tx.now))
        elif one.letter is not None:
            leased.append(attempts.Leased(one.letter, email.sequence))
        elif parts is None:
            await attempts.settle(tx, order.tenant, email.ended(State.WITHDRAWN, tx.now))
        else:
            letter = lay_out(order, order.agreement, email, parts, records=one.records, now=tx.now)
            leased.append(attempts.Leased(letter, email.sequence, parts.parts))
    if leased:
        await attempts.lease(tx, leased, lease)
    if len(leased) < len(claimed):
        tx.wake(SEND)
    return [one.letter for one in leased]


async def settle(tx: Tx, letter: Letter, outcome: Outcome, sender: Sender) -> None:
    """Record how an attempt ended, and publish what others must know of it."""
    if not await orders.lock(tx, letter.tenant, letter.order_id):
        return
    (order,) = await orders.load(tx, [(letter.tenant, letter.order_id)])
    email = order.email(letter.id)
    if email.state is not State.SENDING:
        return  # another replica, after the lease, was faster
    after = after_attempt(order, email, outcome, tx.now)
    if after.state is State.WAITING:
        await attempts.free(tx, order.tenant, email)
    await attempts.settle(tx, order.tenant, after, outcome.sealed_copy)
    if after.state is State.SENT:
        _publish_sent(tx, order, after)
    elif after.state is State.BOUNCED:
        _publish_bounced(tx, order, after)
    known = tuple(after if one is email else one for one in order.emails)
    await record_due(tx, [replace(order, emails=known)], {}, sender)
    if any(one.sequence > email.sequence and one.state is State.WAITING for one in known):
        tx.wake(SEND)


async def retry(tx: Tx, tenant: str, email_id: UUID) -> None:
    """Send a bounced e-mail after all; raises EmailUnknown, NotRetryable."""
    email = await emails.find(tx, tenant, email_id)
    if email is None:
        raise EmailUnknown
    await orders.lock(tx, tenant, email.order_id)
    if not await attempts.revive(tx, tenant, email_id):
        raise NotRetryable
    tx.wake(SEND)


def _publish_sent(tx: Tx, order: Order, email: Email) -> None:
    tx.publish(
        EmailSent(
            **_header(order),
            email=email.id,
            kind=EmailKind(email.kind),
            units=list(email.unit_ids),
            message_id=email.message_id,
            answer=f"{email.code} {email.answer}".strip(),
            sent_at=tx.now,
        )
    )


def _publish_bounced(tx: Tx, order: Order, email: Email) -> None:
    tx.publish(
        EmailBounced(
            **_header(order),
            email=email.id,
            kind=EmailKind(email.kind),
            units=list(delivered(order, email)),
            code=email.code or 0,
            bounced_at=tx.now,
        )
    )


def _header(order: Order) -> SaleHeader:
    return SaleHeader(
        tenant=order.tenant,
        channel=order.channel,
        market=order.market,
        seller=order.seller,
        order=order.id,
        order_number=order.number,
        ordered_at=order.ordered_at,
    )
