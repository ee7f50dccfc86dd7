"""Which e-mails are due now, and when time alone may make the next one due (FEATURES part 2, DESIGN 3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mail_relay.domain.dossier import Dossier, Kind, State, Unit

COMBINE = timedelta(seconds=60)
"""An order paid within this time gets one e-mail for acknowledgement and delivery."""

GRACE = timedelta(seconds=10)
"""An order heard of late waits so long for its payment, which may be the next thing to be heard."""

PATIENCE = timedelta(minutes=5)
"""How long an e-mail waits for links and keys, or for the reason of a refund."""

GATHER = timedelta(seconds=2)
"""What comes late is gathered for so long, so that ten keys of one delivery are one e-mail."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An e-mail that is due: the units it is the first to speak of, the repayment it is about, how long it gathers."""

    kind: Kind
    units: tuple[UUID, ...] = ()
    about: UUID | None = None
    gather: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Plan:
    """E-mails that are due, and when to look again."""

    wanted: tuple[Wanted, ...]
    look_at: datetime | None


def acknowledge_at(ordered_at: datetime, heard_at: datetime) -> datetime:
    """When an unpaid order gets its plain acknowledgement."""
    return max(ordered_at + COMBINE, heard_at + GRACE)


def plan(known: Dossier, now: datetime) -> Plan:
    """Decide by facts and their times alone, so that every order of arrival leads to the same e-mails."""
    if not known.placed:
        return Plan((), None)
    wanted: list[Wanted] = []
    looks: list[datetime] = []
    for step in (_acknowledgement, _deliveries, _notices):
        for found in step(known, now):
            if isinstance(found, Wanted):
                wanted.append(found)
            else:
                looks.append(found)
    if not any(mail.kind is Kind.DELIVERY for mail in wanted) and _needs_follow_on(known):
        wanted.append(Wanted(Kind.DELIVERY, gather=GATHER))
    return Plan(tuple(wanted), min(looks, default=None))


def _acknowledgement(known: Dossier, now: datetime) -> Iterator[Wanted | datetime]:
    if known.quiet or known.cancelled or any(mail.kind is Kind.ACKNOWLEDGEMENT for mail in known.emails):
        return
    if known.by_transfer:
        if known.transfer_known:
            yield Wanted(Kind.ACKNOWLEDGEMENT)
        return
    if any(unit.paid_at <= known.ordered_at + COMBINE and unit.promised_with_payment for unit in known.units):
        return  # combined with the delivery e-mail
    if known.units or known.acknowledge_at is None or known.acknowledge_at <= now:
        yield Wanted(Kind.ACKNOWLEDGEMENT)
    else:
        yield known.acknowledge_at


def _deliveries(known: Dossier, now: datetime) -> Iterator[Wanted | datetime]:
    releases: dict[tuple[UUID, datetime | None], list[Unit]] = {}
    for unit in known.live_units:
        if unit.announced_in is None:
            moment = None if unit.with_payment else unit.deliver_from
            releases.setdefault((unit.payment, moment), []).append(unit)
    for (_, moment), units in sorted(releases.items(), key=lambda item: min(unit.unit for unit in item[1])):
        if moment is not None and moment > now:
            yield moment
            continue
        began = max(unit.known_at for unit in units)
        patience_ends = (max(began, moment) if moment else began) + PATIENCE
        if patience_ends <= now or not any(known.lacks(unit) for unit in units):
            yield Wanted(Kind.DELIVERY, tuple(unit.unit for unit in units))
        else:
            yield patience_ends


def _notices(known: Dossier, now: datetime) -> Iterator[Wanted | datetime]:
    for repayment in known.repayments:
        if repayment.emailed_in is not None:
            continue
        if repayment.refund in known.refunds or repayment.known_at + PATIENCE <= now:
            yield Wanted(Kind.REFUND, about=repayment.repayment)
        else:
            yield repayment.known_at + PATIENCE


def _needs_follow_on(known: Dossier) -> bool:
    """Whether a link or key has come for units of which an e-mail has spoken already, and none waits to take it."""
    if any(mail.kind is Kind.DELIVERY and mail.state is State.WAITING for mail in known.emails):
        return False
    announced = {unit.unit for unit in known.live_units if unit.announced_in is not None}
    late_link = any(link.emailed_in is None and link.units & announced for link in known.valid_links)
    return late_link or any(key.emailed_in is None and key.unit in announced for key in known.keys)
