"""What an e-mail carries when it is sent, and which units it delivers."""

from collections.abc import Set
from dataclasses import dataclass, replace
from uuid import UUID

from letters.domain.email import HISTORY, Email, Kind, State
from letters.domain.order import Key, Link, Order, Unit


@dataclass(frozen=True, slots=True)
class Contents:
    """The links and keys of an e-mail for the `units` that it mentions, the `fresh` ones of them for the first time.

    One that `extends` repeats links that others carry, for the terms that are new.
    """

    links: tuple[Link, ...] = ()
    keys: tuple[Key, ...] = ()
    fresh: tuple[Unit, ...] = ()
    units: tuple[Unit, ...] = ()
    extends: bool = False

    @property
    def parts(self) -> list[tuple[bytes, UUID]]:
        """Each link, by its digest, and each key, by the bytes of its licence's id, with a unit that it is for."""
        links = [(link.digest, unit) for link in self.links for unit in link.unit_ids if not self.extends]
        return [*links, *((key.license_id.bytes, key.unit_id) for key in self.keys)]


def contents(order: Order, email: Email) -> Contents | None:
    """Return what goes into this e-mail now; None where there is nothing to put into it.

    What opens nothing while the payment is disputed goes into none: it follows once that is won.
    """
    if email.kind in (Kind.REFUND, Kind.CANCELLATION):
        return Contents()
    if email.kind is Kind.ACKNOWLEDGEMENT:
        return None if order.cancelled else Contents()
    bounced = {other.sequence for other in order.emails if other.state is State.BOUNCED}
    free = bounced | order.unsent | {email.sequence}
    if email.kind is Kind.EXTENSION:
        extended = () if order.disputed else tuple(extended_links(order, free))
        return Contents(extended, extends=True) if extended else None
    units = [unit for unit in order.live_units if unit.announced_in is not None and unit.announced_in <= email.sequence]
    fresh = tuple(unit for unit in units if unit.announced_in == email.sequence)
    unit_ids = {unit.id for unit in units}
    taken = [link for link in order.valid_links if link.emailed_in in free and link.unit_ids & unit_ids]
    links = tuple(replace(link, unit_ids=link.unit_ids & unit_ids) for link in taken)
    keys = tuple(key for key in order.keys if key.emailed_in in free and key.unit_id in unit_ids)
    if order.disputed and (links or keys):
        return None
    return Contents(links, keys, fresh, tuple(units)) if fresh or links or keys else None


def extended_links(order: Order, free: Set[int | None]) -> list[Link]:
    """Return the links that were mailed on other terms than those that hold now, each once.

    `free` are the e-mails of an extension that do not count, because they did not arrive.
    """
    extensions = [extension for extension in order.extensions if extension.emailed_in in free]
    live = {unit.id for unit in order.live_units}
    mailed = [link for link in order.valid_links if link.emailed_in is not None and link.unit_ids & live]
    each = {link.digest: link for link in mailed if any(extension.of(link) for extension in extensions)}
    return list(each.values())


def undelivered(order: Order, email: Email) -> tuple[UUID, ...]:
    """Return the units whose link or key this e-mail carries and that no e-mail has delivered."""
    touched = _touched(order, email)
    return tuple(unit.id for unit in order.units if unit.download and unit.delivered_in is None and unit.id in touched)


def delivered(order: Order, email: Email) -> tuple[UUID, ...]:
    """Return the units that this e-mail completes once accepted: their link and, where they have one, key are sent."""
    sent = {other.sequence for other in order.emails if other.state is State.SENT} | {HISTORY, email.sequence}
    linked = {unit for link in order.links if link.emailed_in in sent for unit in link.unit_ids}
    keyed = {key.unit_id for key in order.keys if key.emailed_in in sent}
    touched = _touched(order, email)
    return tuple(
        unit.id
        for unit in order.units
        if unit.delivered_in is None
        and unit.download
        and unit.id in touched
        and unit.id in linked
        and (not unit.keyed or unit.id in keyed)
    )


def _touched(order: Order, email: Email) -> set[UUID]:
    linked = {unit for link in order.links if link.emailed_in == email.sequence for unit in link.unit_ids}
    return linked | {key.unit_id for key in order.keys if key.emailed_in == email.sequence}
