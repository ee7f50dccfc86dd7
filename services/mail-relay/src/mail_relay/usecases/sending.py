"""Sending e-mails: what is claimed for the mail server, and what is made of its answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from chassis.database import Tx
from contracts.mail_relay import EmailBounced, EmailKind, EmailSent

from mail_relay.domain.contents import contents, delivered
from mail_relay.domain.dossier import Dossier, State
from mail_relay.domain.dossier import Email as KnownEmail
from mail_relay.domain.letter import Letter
from mail_relay.domain.sending import HOLD, EmailUnknown, NotRetryable, Outcome, Verdict, next_try
from mail_relay.store import carried, dossiers, emails, orders, parts, sellers
from mail_relay.usecases.hearing import SEND, record_due
from mail_relay.usecases.letters import lay_out


class Header(TypedDict):
    """What every event of a sale carries."""

    tenant: str
    channel: str
    market: str
    seller: str
    order: UUID
    order_number: str
    ordered_at: datetime


async def claim_letters(tx: Tx, lease: timedelta, limit: int) -> Sequence[Letter]:
    """The letters to be sent now, at most `limit`; what may have reached the server is repeated as it was."""
    letters: list[Letter] = []
    for tenant, order_id, email_id in await emails.claimable(tx, limit):
        letter = await _letter(tx, tenant, order_id, email_id)
        if letter is not None:
            await emails.lease(tx, tenant, email_id, letter, lease)
            letters.append(letter)
    return letters


async def _letter(tx: Tx, tenant: str, order_id: UUID, email_id: UUID) -> Letter | None:
    order, stored = await orders.find(tx, tenant, order_id), await emails.find(tx, tenant, email_id)
    if order is None or order.placed is None or stored is None:
        return None
    if order.email_box is None or order.name_box is None:
        await emails.settle(tx, tenant, email_id, State.ERASED)
        return None
    before = await emails.laid_out(tx, tenant, email_id) if stored.state == State.SENDING else None
    if before is not None:
        return before
    known = await dossiers.load(tx, order)
    email = _known(known, email_id)
    found = contents(known, email)
    if found is None:
        await emails.settle(tx, tenant, email_id, State.WITHDRAWN)
        tx.wake(SEND)
        return None
    links = [(link.digest, unit) for link in found.links for unit in link.units]
    keys = [(key.license, key.unit) for key in found.keys]
    await carried.take(tx, tenant, order_id, email.sequence, links, keys)
    return lay_out(
        order,
        order.placed,
        known,
        email,
        found,
        message_id=stored.message_id,
        traceparent=stored.traceparent,
        records=await sellers.find(tx, tenant, order.seller, tx.now.year),
        refunds=await parts.refunds(tx, tenant, order_id) if email.about is not None else {},
        now=tx.now,
    )


async def record_outcome(tx: Tx, letter: Letter, outcome: Outcome, domain: str) -> None:
    """Keep how an attempt ended, and say what others must know of it."""
    order = await orders.lock(tx, letter.tenant, letter.order)
    stored = await emails.find(tx, letter.tenant, letter.email)
    if order is None or stored is None or stored.state != State.SENDING:
        return  # another replica, after the lease, was faster
    known = await dossiers.load(tx, order)
    email = _known(known, letter.email)
    match outcome.verdict:
        case Verdict.ACCEPTED:
            await _accept(tx, order, known, email, outcome)
        case Verdict.ERASED:
            await emails.settle(tx, letter.tenant, letter.email, State.ERASED)
        case Verdict.BOUNCED:
            await _bounce(tx, order, known, email, outcome)
        case Verdict.HELD:
            if not stored.lost:
                await carried.free(tx, letter.tenant, letter.order, email.sequence)
            failure = (stored.code, stored.answer, stored.failures, stored.first_failed_at)
            await emails.put_off(tx, letter.tenant, letter.email, tx.now + HOLD, failure)
        case _:
            await _try_again(tx, order, known, email, stored, outcome)
    await record_due(tx, letter.tenant, letter.order, domain)
    if any(mail.sequence > email.sequence and mail.state is State.WAITING for mail in known.emails):
        tx.wake(SEND)


async def retry(tx: Tx, tenant: str, email_id: UUID) -> None:
    """Send a bounced e-mail after all; raises EmailUnknown, NotRetryable."""
    stored = await emails.find(tx, tenant, email_id)
    if stored is None:
        raise EmailUnknown
    await orders.lock(tx, tenant, stored.order)
    stored = await emails.find(tx, tenant, email_id)
    if stored is None or stored.state != State.BOUNCED:
        raise NotRetryable
    await emails.revive(tx, tenant, email_id)
    tx.wake(SEND)


async def _accept(tx: Tx, order: orders.Order, known: Dossier, email: KnownEmail, outcome: Outcome) -> None:
    units = delivered(known, email)
    await parts.deliver(tx, order.tenant, order.order, email.sequence, units)
    await emails.settle(
        tx,
        order.tenant,
        email.email,
        State.SENT,
        code=outcome.code,
        answer=outcome.answer,
        units=units,
        letter=outcome.letter,
    )
    stored = await emails.find(tx, order.tenant, email.email)
    tx.say(
        EmailSent(
            **_header(order),
            email=email.email,
            kind=EmailKind(email.kind),
            units=list(units),
            message_id=stored.message_id if stored else "",
            answer=f"{outcome.code} {outcome.answer}".strip(),
            sent_at=tx.now,
        )
    )


async def _bounce(tx: Tx, order: orders.Order, known: Dossier, email: KnownEmail, outcome: Outcome) -> None:
    await emails.settle(tx, order.tenant, email.email, State.BOUNCED, code=outcome.code, answer=outcome.answer)
    tx.say(
        EmailBounced(
            **_header(order),
            email=email.email,
            kind=EmailKind(email.kind),
            units=list(delivered(known, email)),
            code=outcome.code,
            bounced_at=tx.now,
        )
    )


async def _try_again(
    tx: Tx, order: orders.Order, known: Dossier, email: KnownEmail, stored: emails.Email, outcome: Outcome
) -> None:
    """Put off what failed for now; what may have reached the server stays as it is, so that a repeat is a repeat."""
    failures, since = stored.failures + 1, stored.first_failed_at or tx.now
    again = next_try(failures, since, tx.now)
    if again is None:
        await _bounce(tx, order, known, email, outcome)
        return
    lost = outcome.verdict is Verdict.LOST
    if not (lost or stored.lost):
        await carried.free(tx, order.tenant, order.order, email.sequence)
    failure = (outcome.code, outcome.answer, failures, since)
    await emails.put_off(tx, order.tenant, email.email, again, failure, lost=lost)


def _known(known: Dossier, email: UUID) -> KnownEmail:
    return next(mail for mail in known.emails if mail.email == email)


def _header(order: orders.Order) -> Header:
    return Header(
        tenant=order.tenant,
        channel=order.channel,
        market=order.market,
        seller=order.seller,
        order=order.order,
        order_number=order.order_number,
        ordered_at=order.ordered_at,
    )
