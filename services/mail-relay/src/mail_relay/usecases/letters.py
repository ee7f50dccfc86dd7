"""Laying out a letter from what was agreed and what is known."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from contracts.orders import Line
from contracts.shared import CustomerType, Fulfilment, KeysPer

from mail_relay.domain.contents import Contents
from mail_relay.domain.dossier import HISTORY, Dossier, Email, Kind
from mail_relay.domain.letter import Instructions, Item, Letter, LicenseKey, Note, Notice, Seller, Statement, Tone
from mail_relay.store.orders import Agreement, Order

Refunds = Mapping[UUID, tuple[str, list[UUID]]]


def lay_out(
    order: Order,
    agreed: Agreement,
    known: Dossier,
    email: Email,
    parts: Contents,
    *,
    records: tuple[UUID, bytes] | None,
    refunds: Refunds,
    now: datetime,
) -> Letter:
    """The letter of an e-mail that carries these parts."""
    seller, transfer = agreed.seller_details, order.transfer
    consumer = agreed.customer_type is CustomerType.CONSUMER
    return Letter(
        tenant=order.tenant,
        order=order.order,
        email=email.email,
        kind=email.kind,
        tone=_tone(known, email, parts),
        message_id=email.message_id,
        written_at=email.created_at,
        traceparent=email.traceparent,
        name_box=order.name_box or "",
        email_box=order.email_box or "",
        language=agreed.language,
        seller=Seller(seller.legal_name, seller.address, seller.vat_id, records),
        order_number=order.order_number,
        ordered_at=order.ordered_at,
        acknowledges=not any(mail.kind is Kind.ACKNOWLEDGEMENT for mail in known.emails),
        paid=bool(known.units),
        currency=agreed.totals.currency,
        net=agreed.totals.net,
        gross=agreed.totals.gross,
        items=tuple(_item(line, known, email, parts, now) for line in agreed.lines),
        consents=tuple(Statement(said.text, said.given_at) for said in agreed.consents),
        withdrawal_notice=agreed.terms.withdrawal_notice if consumer else "",
        transfer=Instructions(**transfer.model_dump())
        if transfer is not None and email.kind is Kind.ACKNOWLEDGEMENT and not known.units
        else None,
        notice=_notice(agreed, known, email, refunds),
    )


def _tone(known: Dossier, email: Email, parts: Contents) -> Tone:
    if email.kind is Kind.ACKNOWLEDGEMENT:
        return Tone.ACKNOWLEDGEMENT
    if email.kind is Kind.REFUND:
        return Tone.REFUND
    if parts.fresh:
        bound = parts.links or parts.keys or any(unit.download for unit in parts.fresh)
        return Tone.DELIVERY if bound else Tone.CONFIRMATION
    new = {link.digest for link in parts.links}
    told = {link.grant for link in known.links if link.emailed_in is not None and link.digest not in new}
    again = all(link.grant in told for link in parts.links)
    return Tone.RESEND if parts.links and again and not parts.keys else Tone.FOLLOW_ON


def _item(line: Line, known: Dossier, email: Email, parts: Contents, now: datetime) -> Item:
    links = {link.digest: link for link in parts.links if link.line == line.line}
    return Item(
        name=line.name,
        quantity=len(line.units),
        price=line.price,
        gross=line.gross,
        tax=line.tax,
        tax_rate=line.tax_rate,
        links=tuple(links.values()),
        keys=tuple(_keys(line, known, email, parts)),
        notes=tuple(_notes(line, known, parts, now)),
    )


def _keys(line: Line, known: Dossier, email: Email, parts: Contents) -> list[LicenseKey]:
    """The keys of a line, each once, with the number of units that share it by this e-mail and those before it."""
    boxes = {key.license: key.license_key for key in parts.keys if key.line == line.line}
    carrying = range(HISTORY, email.sequence + 1)
    live = {unit.unit for unit in known.live_units}
    sharing = {(key.license, key.unit) for key in known.keys if key.emailed_in in carrying and key.unit in live}
    sharing |= {(key.license, key.unit) for key in parts.keys}
    return [LicenseKey(box, sum(one == license_id for one, _ in sharing)) for license_id, box in boxes.items()]


def _notes(line: Line, known: Dossier, parts: Contents, now: datetime) -> list[Note]:
    """What is to be said of a line's units that have not everything yet."""
    told = [unit for unit in parts.told if unit.line == line.line]
    paid = [unit for unit in known.live_units if unit.line == line.line]
    gone = known.returned.intersection(line.units)
    notes: list[Note] = []
    if gone:
        notes.append(Note("returned", len(gone)))
    if line.fulfilment is Fulfilment.BOXED:
        return [*notes, Note("ships", len(paid))] if paid else notes
    keyless = [unit.unit for unit in told if unit.keyed and not known.has_key(unit)]
    short = [unit for unit in keyless if unit in known.backordered]
    waiting = [unit.deliver_from for unit in paid if unit.deliver_from and not unit.with_payment]
    ahead = [moment for moment in waiting if moment > now]
    if not paid and line.deliver_from and line.deliver_from > now:
        ahead = [line.deliver_from]
    if any(unit.download and not known.has_link(unit) for unit in told):
        notes.append(Note("link_follows"))
    to_follow, lacking = len(keyless) - len(short), len(short)
    if line.keys_per is KeysPer.PURCHASE:  # one key for all of them
        to_follow, lacking = int(bool(keyless) and not short), int(bool(short))
    if to_follow:
        notes.append(Note("keys_follow", to_follow))
    if lacking:
        notes.append(Note("backordered", lacking))
    if ahead:
        notes.append(Note("delivered_from", at=min(ahead)))
    unpaid = len(line.units) - len(paid) - len(gone)
    if parts.told and unpaid > 0:
        notes.append(Note("unpaid", unpaid))
    return notes


def _notice(agreed: Agreement, known: Dossier, email: Email, refunds: Refunds) -> Notice | None:
    repayment = next((paid for paid in known.repayments if paid.repayment == email.about), None)
    if email.about is None or repayment is None:
        return None
    reason, units = refunds.get(repayment.refund, ("", []))
    back = set(units)
    goods = [(line.name, len(back.intersection(line.units))) for line in agreed.lines]
    named = tuple((name, count) for name, count in goods if count)
    return Notice(repayment.amount, repayment.currency, repayment.refunded_at, reason, named)
