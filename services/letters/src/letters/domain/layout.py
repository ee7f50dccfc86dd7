"""Laying out a letter from what was agreed and what is known of the order."""

from datetime import datetime
from uuid import UUID

from letters.domain.agreement import Agreement, Line
from letters.domain.brand import Brand
from letters.domain.contents import Contents
from letters.domain.email import HISTORY, Email, Kind, State
from letters.domain.letter import Cancellation, Item, Letter, LicenseKey, Note, Notice, Tone
from letters.domain.order import Order


def lay_out(
    order: Order,
    agreement: Agreement,
    email: Email,
    parts: Contents,
    *,
    now: datetime,
    brand: Brand | None = None,
) -> Letter:
    """Return the letter of an e-mail that carries these parts, under this brand."""
    acknowledges = not any(_thanks(other) for other in order.emails)
    instructs = email.kind is Kind.ACKNOWLEDGEMENT and not order.units
    return Letter(
        tenant=order.tenant,
        order_id=order.id,
        id=email.id,
        kind=email.kind,
        tone=_tone(order, email, parts),
        message_id=email.message_id,
        written_at=email.created_at,
        traceparent=email.traceparent,
        name_box=order.name_box or "",
        email_box=order.email_box or "",
        language=agreement.language,
        seller=agreement.seller,
        order_number=order.number,
        ordered_at=order.ordered_at,
        acknowledges=acknowledges,
        paid=bool(order.units),
        currency=agreement.currency,
        net=agreement.net,
        gross=agreement.gross,
        items=tuple(_item(line, order, email, parts, now) for line in agreement.lines),
        consents=order.consents,
        withdrawal_notice=agreement.withdrawal_notice,
        transfer=order.transfer if instructs else None,
        notice=_notice(order, agreement, email),
        cancellation=_cancellation(order, agreement, email),
        brand=brand,
        shipping_box=None if email.kind in (Kind.REFUND, Kind.CANCELLATION, Kind.EXTENSION) else order.shipping_box,
    )


def _thanks(email: Email) -> bool:
    return email.kind is Kind.ACKNOWLEDGEMENT or (email.kind is Kind.DELIVERY and email.state is State.SENT)


def _tone(order: Order, email: Email, parts: Contents) -> Tone:
    if email.kind is Kind.ACKNOWLEDGEMENT:
        return Tone.ACKNOWLEDGEMENT
    if email.kind is Kind.REFUND:
        return Tone.REFUND
    if email.kind is Kind.CANCELLATION:
        return Tone.CANCELLATION
    if parts.extends:
        return Tone.EXTENSION
    if parts.fresh:
        delivers = parts.links or parts.keys or any(unit.download for unit in parts.fresh)
        return Tone.DELIVERY if delivers else Tone.CONFIRMATION
    new = {link.digest for link in parts.links}
    known = {link.grant_id for link in order.links if link.emailed_in is not None and link.digest not in new}
    again = all(link.grant_id in known for link in parts.links)
    return Tone.RESEND if parts.links and again and not parts.keys else Tone.FOLLOW_ON


def _item(line: Line, order: Order, email: Email, parts: Contents, now: datetime) -> Item:
    links = {link.digest: link for link in parts.links if link.line_id == line.id}
    return Item(
        name=line.name,
        quantity=len(line.unit_ids),
        price=line.price,
        gross=line.gross,
        tax=line.tax,
        tax_rate=line.tax_rate,
        links=tuple(links.values()),
        keys=tuple(_keys(line, order, email, parts)),
        notes=tuple(_notes(line, order, parts, now)),
        boxed=line.boxed,
        days=line.days,
    )


def _keys(line: Line, order: Order, email: Email, parts: Contents) -> list[LicenseKey]:
    """Return the keys of a line, each once, with the number of units that share it by this e-mail and earlier ones."""
    boxes = {key.license_id: key.license_key for key in parts.keys if key.line_id == line.id}
    carrying = range(HISTORY, email.sequence + 1)
    live = {unit.id for unit in order.live_units}
    carried = [key for key in order.keys if key.emailed_in in carrying and key.unit_id in live]
    sharing = {(key.license_id, key.unit_id) for key in (*carried, *parts.keys)}
    return [LicenseKey(box, sum(one == license_id for one, _ in sharing)) for license_id, box in boxes.items()]


def _notes(line: Line, order: Order, parts: Contents, now: datetime) -> list[Note]:
    """Return remarks on a line's units that have not everything yet."""
    mentioned = [unit for unit in parts.units if unit.line_id == line.id]
    paid = [unit for unit in order.live_units if unit.line_id == line.id]
    returned = order.returned_unit_ids.intersection(line.unit_ids)
    notes: list[Note] = []
    if returned:
        notes.append(Note("returned", len(returned)))
    if line.boxed:
        return [*notes, Note("ships", len(paid))] if paid else notes
    keyless = [unit.id for unit in mentioned if unit.keyed and not order.has_key(unit)]
    short = [unit for unit in keyless if unit in order.backordered_unit_ids]
    waiting = [unit.deliver_from for unit in paid if unit.deliver_from and not unit.with_payment]
    ahead = [moment for moment in waiting if moment > now]
    if not paid and line.deliver_from and line.deliver_from > now:
        ahead = [line.deliver_from]
    if any(unit.download and not order.has_link(unit) for unit in mentioned):
        notes.append(Note("link_follows"))
    to_follow, lacking = len(keyless) - len(short), len(short)
    if line.shared_key:
        to_follow, lacking = int(bool(keyless) and not short), int(bool(short))
    if to_follow:
        notes.append(Note("keys_follow", to_follow))
    if lacking:
        notes.append(Note("backordered", lacking))
    if ahead:
        notes.append(Note("delivered_from", at=min(ahead)))
    unpaid = len(line.unit_ids) - len(paid) - len(returned)
    if parts.units and unpaid > 0:
        notes.append(Note("unpaid", unpaid))
    return notes


def _notice(order: Order, agreement: Agreement, email: Email) -> Notice | None:
    repayment = next((paid for paid in order.repayments if paid.id == email.repayment_id), None)
    if repayment is None:
        return None
    refund = next((refund for refund in order.refunds if refund.id == repayment.refund_id), None)
    returned = refund.unit_ids if refund else frozenset[UUID]()
    units = [unit for unit in order.units if unit.id in returned]
    lines = {unit.line_id for unit in units}
    return Notice(
        repayment.amount,
        repayment.currency,
        repayment.refunded_at,
        refund.reason if refund else "",
        _goods(agreement, returned),
        by_transfer=agreement.by_transfer,
        linked=any(order.has_link(unit) for unit in units),
        keyed=any(order.has_key(unit) for unit in units),
        kept=any(unit.line_id in lines for unit in order.live_units),
    )


def _cancellation(order: Order, agreement: Agreement, email: Email) -> Cancellation | None:
    if email.kind is not Kind.CANCELLATION:
        return None
    units = [unit for unit in order.cancelled_units if unit.emailed_in == email.sequence]
    return Cancellation(units[0].reason, _goods(agreement, frozenset(unit.id for unit in units)))


def _goods(agreement: Agreement, unit_ids: frozenset[UUID]) -> tuple[tuple[str, int], ...]:
    counts = ((line.name, len(unit_ids.intersection(line.unit_ids))) for line in agreement.lines)
    return tuple((name, count) for name, count in counts if count)
