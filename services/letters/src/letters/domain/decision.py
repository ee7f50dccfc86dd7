"""Which e-mails are due now, and when time alone may make the next one due (FEATURES part 2, DESIGN 3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from letters.domain.contents import extended_links
from letters.domain.email import Kind, State
from letters.domain.order import Order, Unit

COMBINE = timedelta(seconds=60)
"""An order paid within this time gets one e-mail for acknowledgement and delivery."""

GRACE = timedelta(seconds=10)
"""An OrderPlaced that is consumed late waits so long for its payment, which may be the next event."""

PATIENCE = timedelta(minutes=5)
"""How long an e-mail waits for links and keys, or for the reason of a refund."""

GATHER = timedelta(seconds=2)
"""What comes late is gathered for so long, so that ten keys of one delivery are one e-mail."""


@dataclass(frozen=True, slots=True)
class DueEmail:
    """An e-mail that is due: the units it is the first to mention, the repayment it is about, how long it gathers."""

    kind: Kind
    unit_ids: tuple[UUID, ...] = ()
    repayment_id: UUID | None = None
    gather: timedelta = timedelta()

    @property
    def mentioned(self) -> tuple[UUID, ...]:
        """The ids of these units and of the repayment."""
        return self.unit_ids if self.repayment_id is None else (*self.unit_ids, self.repayment_id)


@dataclass(frozen=True, slots=True)
class Decision:
    """The e-mails that are due, and when time alone may make the next one due."""

    due: tuple[DueEmail, ...]
    conclude_at: datetime | None


def acknowledge_at(ordered_at: datetime, known_at: datetime) -> datetime:
    """Return when an unpaid order gets its plain acknowledgement."""
    return max(ordered_at + COMBINE, known_at + GRACE)


def decide(order: Order, now: datetime) -> Decision:
    """Decide by facts and their times alone, so that every order of arrival leads to the same e-mails."""
    if order.agreement is None:
        return Decision((), None)
    due: list[DueEmail] = []
    moments: list[datetime] = []
    for rule in (_acknowledgement, _deliveries, _cancellation, _notices):
        for result in rule(order, now):
            if isinstance(result, DueEmail):
                due.append(result)
            else:
                moments.append(result)
    if not any(email.kind is Kind.DELIVERY for email in due) and _needs_follow_on(order):
        due.append(DueEmail(Kind.DELIVERY, gather=GATHER))
    closed = order.erased or order.disputed
    if not closed and not _waits(order, Kind.EXTENSION) and extended_links(order, order.unsent):
        due.append(DueEmail(Kind.EXTENSION, gather=GATHER))
    return Decision(tuple(due), _conclude_at(order.conclude_at, min(moments, default=None), now))


def _acknowledgement(order: Order, now: datetime) -> Iterator[DueEmail | datetime]:
    if order.quiet or order.cancelled or any(email.kind is Kind.ACKNOWLEDGEMENT for email in order.emails):
        return
    if order.agreement is not None and order.agreement.by_transfer:
        if order.transfer is not None:
            yield DueEmail(Kind.ACKNOWLEDGEMENT)
        return
    held = {unit.id for unit in order.units if order.disputed and unit.download and unit.announced_in is None}
    paid = [unit for unit in order.units if unit.id not in held]
    if any(unit.paid_at <= order.ordered_at + COMBINE and unit.promised_with_payment for unit in paid):
        return  # combined with the delivery e-mail
    if order.units or order.acknowledge_at is None or order.acknowledge_at <= now:
        yield DueEmail(Kind.ACKNOWLEDGEMENT)
    else:
        yield order.acknowledge_at


def _deliveries(order: Order, now: datetime) -> Iterator[DueEmail | datetime]:
    releases: dict[tuple[UUID, datetime | None], list[Unit]] = {}
    for unit in order.live_units:
        if unit.announced_in is None:
            moment = None if unit.with_payment else unit.deliver_from
            releases.setdefault((unit.payment_id, moment), []).append(unit)
    for (_, moment), units in sorted(releases.items(), key=lambda item: min(unit.id for unit in item[1])):
        if order.disputed and any(unit.download for unit in units):
            continue  # no letter tells of what opens nothing; it is decided anew when the dispute ends
        if moment is not None and moment > now:
            yield moment
            continue
        began = max(unit.known_at for unit in units)
        patience_ends = (max(began, moment) if moment else began) + PATIENCE
        if patience_ends <= now or not any(order.lacks(unit) for unit in units):
            yield DueEmail(Kind.DELIVERY, tuple(unit.id for unit in units))
        else:
            yield patience_ends


def _cancellation(order: Order, now: datetime) -> Iterator[DueEmail | datetime]:
    """Say at once what will not be delivered because it was not paid; whoever gave it up has it confirmed."""
    paid = {unit.id for unit in order.units}
    new = [unit.id for unit in order.cancelled_units if unit.emailed_in is None and unit.id not in paid]
    if new:
        yield DueEmail(Kind.CANCELLATION, tuple(new))


def _notices(order: Order, now: datetime) -> Iterator[DueEmail | datetime]:
    refund_ids = {refund.id for refund in order.refunds}
    for repayment in order.repayments:
        if repayment.emailed_in is not None:
            continue
        if repayment.refund_id in refund_ids or repayment.known_at + PATIENCE <= now:
            yield DueEmail(Kind.REFUND, repayment_id=repayment.id)
        else:
            yield repayment.known_at + PATIENCE


def _needs_follow_on(order: Order) -> bool:
    """Whether a link or key has come for units that an e-mail has mentioned already, and none waits to take it.

    Nothing follows an erasure: no e-mail could take what came, and so it would be due for ever. Nor while a payment is
    disputed.
    """
    if order.erased or order.disputed or _waits(order, Kind.DELIVERY):
        return False
    announced = {unit.id for unit in order.live_units if unit.announced_in is not None}
    unsent = order.unsent
    late_link = any(link.emailed_in in unsent and link.unit_ids & announced for link in order.valid_links)
    return late_link or any(key.emailed_in in unsent and key.unit_id in announced for key in order.keys)


def _waits(order: Order, kind: Kind) -> bool:
    """Whether an e-mail waits that takes what comes before it is claimed."""
    return any(email.kind is kind and email.state is State.WAITING for email in order.emails)


def _conclude_at(known: datetime | None, wanted: datetime | None, now: datetime) -> datetime | None:
    """Keep a known moment that is still to come and not too late: too early costs a conclusion, a change a write."""
    if known is None or wanted is None or wanted < known or known <= now:
        return wanted
    return known
