"""What an e-mail carries when it is sent, and which units it delivers."""

from dataclasses import dataclass, replace
from uuid import UUID

from mail_relay.domain.dossier import HISTORY, Dossier, Email, Key, Kind, Link, State, Unit


@dataclass(frozen=True, slots=True)
class Contents:
    """The links and keys of an e-mail, for the units that it tells of them.

    `fresh` are units of which it is the first to speak, `told` all it knows of.
    """

    links: tuple[Link, ...] = ()
    keys: tuple[Key, ...] = ()
    fresh: tuple[Unit, ...] = ()
    told: tuple[Unit, ...] = ()


def contents(known: Dossier, email: Email) -> Contents | None:
    """What goes into this e-mail now, None where nothing is left to be said."""
    if email.kind is Kind.REFUND:
        return Contents()
    if email.kind is Kind.ACKNOWLEDGEMENT:
        return None if known.cancelled else Contents()
    told = [unit for unit in known.live_units if unit.announced_in is not None and unit.announced_in <= email.sequence]
    fresh = tuple(unit for unit in told if unit.announced_in == email.sequence)
    names = {unit.unit for unit in told}
    free = {mail.sequence for mail in known.emails if mail.state is State.BOUNCED} | {None, email.sequence}
    taken = [link for link in known.valid_links if link.emailed_in in free and link.units & names]
    links = tuple(replace(link, units=link.units & names) for link in taken)
    keys = tuple(key for key in known.keys if key.emailed_in in free and key.unit in names)
    return Contents(links, keys, fresh, tuple(told)) if fresh or links or keys else None


def delivered(known: Dossier, email: Email) -> tuple[UUID, ...]:
    """The units that this e-mail, once accepted, completes: their link and, where they have one, key are sent."""
    sent = {mail.sequence for mail in known.emails if mail.state is State.SENT} | {HISTORY, email.sequence}
    linked = {unit for link in known.links if link.emailed_in in sent for unit in link.units}
    keyed = {key.unit for key in known.keys if key.emailed_in in sent}
    touched = {unit for link in known.links if link.emailed_in == email.sequence for unit in link.units}
    touched |= {key.unit for key in known.keys if key.emailed_in == email.sequence}
    return tuple(
        unit.unit
        for unit in known.units
        if unit.delivered_in is None
        and unit.download
        and unit.unit in touched
        and unit.unit in linked
        and (not unit.keyed or unit.unit in keyed)
    )
