"""Sending e-mails: what is claimed for the mail server, and what is made of its answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from chassis.db import Tx
from contracts.mail_relay import EmailBounced, EmailKind, EmailSent

from mail_relay.domain.contents import contents, delivered
from mail_relay.domain.dossier import Dossier, Email, State
from mail_relay.domain.letter import Letter
from mail_relay.domain.sending import HOLD, EmailUnknown, NotRetryable, Outcome, Verdict, next_try
from mail_relay.store import carried, dossiers, emails, listing, orders, parts
from mail_relay.usecases.hearing import SEND, record_due
from mail_relay.usecases.letters import Refunds, lay_out

ENDS = {Verdict.ACCEPTED: State.SENT, Verdict.ERASED: State.ERASED, Verdict.BOUNCED: State.BOUNCED}
"""The verdicts after which an e-mail is not tried again, and where it then stands."""


class Header(TypedDict):
    """What every event of a sale carries."""

    tenant: str
    channel: str
    market: str
    seller: str
    order: UUID
    order_number: str
    ordered_at: datetime


async def claim_letters(tx: Tx, at_most: int, lease: timedelta) -> Sequence[Letter]:
    """The letters to be sent now, `at_most` so many; what may have reached the server is repeated as it was."""
    claimed = {(one.tenant, one.order): one for one in await emails.claimable(tx, at_most)}
    if not claimed:
        return []
    letters: list[Letter] = []
    for order, known in await dossiers.load(tx, claimed):
        one = claimed[order.tenant, order.order]
        email = _known(known, one.email)
        before = await emails.laid_out(tx, order.tenant, email.email) if email.state is State.SENDING else None
        refunds = await parts.refunds(tx, order.tenant, order.order) if email.about is not None else {}
        letter = _letter(tx, order, known, email, lease, before=before, records=one.records, refunds=refunds)
        if letter is not None:
            letters.append(letter)
    return letters


def _letter(
    tx: Tx,
    order: orders.Order,
    known: Dossier,
    email: Email,
    lease: timedelta,
    *,
    before: Letter | None,
    records: tuple[UUID, bytes] | None,
    refunds: Refunds,
) -> Letter | None:
    """The letter of an e-mail, leased; None where nobody is to get any."""
    if order.placed is None:
        return None
    if order.email_box is None or order.name_box is None:
        emails.settle(tx, order.tenant, order.order, email, State.ERASED)
        return None
    if before is not None:
        emails.lease(tx, before, email.sequence, lease, ())
        return before
    found = contents(known, email)
    if found is None:
        emails.settle(tx, order.tenant, order.order, email, State.WITHDRAWN)
        tx.wake(SEND)
        return None
    letter = lay_out(order, order.placed, known, email, found, records=records, refunds=refunds, now=tx.now)
    links = [(link.digest, unit) for link in found.links for unit in link.units]
    keys = [(key.license.bytes, key.unit) for key in found.keys]
    emails.lease(tx, letter, email.sequence, lease, [*links, *keys])
    return letter


async def record_outcome(tx: Tx, letter: Letter, outcome: Outcome, domain: str) -> None:
    """Keep how an attempt ended, and say what others must know of it."""
    asked = [(letter.tenant, letter.order)]
    if not await orders.lock(tx, letter.tenant, letter.order):
        return
    ((order, known),) = await dossiers.load(tx, asked)
    email = _known(known, letter.email)
    if email.state is not State.SENDING:
        return  # another replica, after the lease, was faster
    match outcome.verdict:
        case Verdict.ACCEPTED:
            _accept(tx, order, known, email, outcome)
        case Verdict.ERASED:
            emails.settle(tx, order.tenant, order.order, email, State.ERASED)
        case Verdict.BOUNCED:
            _bounce(tx, order, known, email, outcome)
        case Verdict.HELD:
            failure = (email.code, email.answer, email.failures, email.first_failed_at)
            _put_off(tx, order, email, tx.now + HOLD, failure)
        case _:
            _try_again(tx, order, known, email, outcome)
    if outcome.verdict in ENDS:
        ended = replace(email, state=ENDS[outcome.verdict])
        known = replace(known, emails=tuple(ended if mail is email else mail for mail in known.emails))
    else:
        ((order, known),) = await dossiers.load(tx, asked)  # its links and keys may be free again
    record_due(tx, order, known, domain, cause=None)
    if any(mail.sequence > email.sequence and mail.state is State.WAITING for mail in known.emails):
        tx.wake(SEND)


async def retry(tx: Tx, tenant: str, email_id: UUID) -> None:
    """Send a bounced e-mail after all; raises EmailUnknown, NotRetryable."""
    stored = await listing.find(tx, tenant, email_id)
    if stored is None:
        raise EmailUnknown
    await orders.lock(tx, tenant, stored.order)
    stored = await listing.find(tx, tenant, email_id)
    if stored is None or stored.state != State.BOUNCED:
        raise NotRetryable
    await emails.revive(tx, tenant, email_id)
    tx.wake(SEND)


def _accept(tx: Tx, order: orders.Order, known: Dossier, email: Email, outcome: Outcome) -> None:
    units = delivered(known, email)
    emails.settle(
        tx,
        order.tenant,
        order.order,
        email,
        State.SENT,
        code=outcome.code,
        answer=outcome.answer,
        units=units,
        letter=outcome.letter,
    )
    tx.publish(
        EmailSent(
            **_header(order),
            email=email.email,
            kind=EmailKind(email.kind),
            units=list(units),
            message_id=email.message_id,
            answer=f"{outcome.code} {outcome.answer}".strip(),
            sent_at=tx.now,
        )
    )


def _bounce(tx: Tx, order: orders.Order, known: Dossier, email: Email, outcome: Outcome) -> None:
    emails.settle(tx, order.tenant, order.order, email, State.BOUNCED, code=outcome.code, answer=outcome.answer)
    tx.publish(
        EmailBounced(
            **_header(order),
            email=email.email,
            kind=EmailKind(email.kind),
            units=list(delivered(known, email)),
            code=outcome.code,
            bounced_at=tx.now,
        )
    )


def _try_again(tx: Tx, order: orders.Order, known: Dossier, email: Email, outcome: Outcome) -> None:
    """Put off what failed for now, or give it up."""
    failures, since = email.failures + 1, email.first_failed_at or tx.now
    again = next_try(failures, since, tx.now)
    if again is None:
        _bounce(tx, order, known, email, outcome)
        return
    failure = (outcome.code, outcome.answer, failures, since)
    _put_off(tx, order, email, again, failure, lost=outcome.verdict is Verdict.LOST)


def _put_off(
    tx: Tx, order: orders.Order, email: Email, again: datetime, failure: emails.Failure, *, lost: bool = False
) -> None:
    """What may have reached the server stays as it is, so that a repeat is a repeat."""
    if not (lost or email.lost):
        carried.free(tx, order.tenant, order.order, email.sequence)
    emails.put_off(tx, order.tenant, email.email, again, failure, lost=lost)


def _known(known: Dossier, email: UUID) -> Email:
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
