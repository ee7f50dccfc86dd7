"""What operators do with partners."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

import orjson
from chassis.db import Tx, known_tenants
from contracts.event import Event, type_of
from contracts.partner import CHANNEL, STRUCTURED, TEST
from contracts.wire import Attributes

from contracts import partner_event
from partners.domain.partner import (
    Partner,
    PartnerClosed,
    PartnerOfAnother,
    PartnerUnknown,
    State,
    TenantUnknown,
    topic_of,
)
from partners.store import accesses, partners
from partners.usecases.vault import Vault

KIND = "partner"


class Opened(StrEnum):
    """What opening has changed."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


async def open_partner(
    tx: Tx, id_: str, tenant: str, channels: Sequence[str], secret: str | None, vault: Vault
) -> Opened:
    """Let a partner read what is about these channels from now on.

    One that is new, or was closed, has this password, if Kafka is ours to give access to; another keeps its own.
    Raises TenantUnknown and PartnerOfAnother.
    """
    if tenant not in await known_tenants(tx):
        raise TenantUnknown
    await partners.hold_all(tx, tenant)
    before = await partners.find(tx, id_)
    if before is not None and before.tenant != tenant:
        raise PartnerOfAnother
    wanted = Partner(id_, tenant, tuple(sorted(set(channels))), State.OPEN, tx.now)
    was_open = before is not None and before.state is State.OPEN
    if before is not None and was_open and before.channels == wanted.channels:
        return Opened.SAME
    box = None if secret is None or was_open else vault.seal_secret(id_, secret)
    await partners.save(tx, wanted, box)
    tx.audit(KIND, id_, before=_facts(before), after=_facts(wanted), tenant=tenant)
    return Opened.CHANGED if was_open else Opened.NEW


async def rotate(tx: Tx, id_: str, secret: str, vault: Vault) -> None:
    """Give a partner another password; the one it has ends. Raises PartnerUnknown and PartnerClosed."""
    partner = await opened(tx, id_)
    await accesses.exchange(tx, id_, vault.seal_secret(id_, secret))
    tx.audit(KIND, id_, after={"password": "another"}, tenant=partner.tenant)


async def close(tx: Tx, id_: str) -> bool:
    """Let a partner read nothing any more; false where it may not already. Raises PartnerUnknown."""
    before = await known(tx, id_)
    if before.state is State.CLOSED:
        return False
    after = Partner(id_, before.tenant, before.channels, State.CLOSED, tx.now)
    await partners.save(tx, after)
    tx.audit(KIND, id_, before=_facts(before), after=_facts(after), tenant=before.tenant)
    return True


async def send_again(tx: Tx, id_: str, since: datetime) -> None:
    """Send a partner all that it may see since a moment again, as far as it is kept.

    Raises PartnerUnknown and PartnerClosed.
    """
    partner = await opened(tx, id_)
    await partners.begin_replay(tx, id_, since)
    tx.audit(KIND, id_, after={"replay_since": since.astimezone(UTC).isoformat()}, tenant=partner.tenant)


async def send_examples(tx: Tx, id_: str, events: Sequence[type[Event]]) -> None:
    """Send a partner the examples of these events to its topic for tests, where no sale of its own is.

    Raises PartnerUnknown and PartnerClosed.
    """
    partner = await opened(tx, id_)
    for event in events:
        given = {**event.EXAMPLE, "tenant": partner.tenant}
        if CHANNEL in event.model_fields:
            given[CHANNEL] = partner.channels[0]
        example = event.model_validate(given)
        declared = example.DECLARED
        named = Attributes(
            tx.new_id(), declared.published_by, type_of(declared.topic), None, tx.now, None, partner.tenant, None
        )
        content = orjson.dumps({**partner_event(example, named), "test": True})
        tx.publish_as_is(topic_of(id_, TEST), example.record_key, content, STRUCTURED)
    tx.audit(KIND, id_, after={"examples": [event.DECLARED.topic for event in events]}, tenant=partner.tenant)


async def opened(tx: Tx, id_: str) -> Partner:
    """Return an open partner, with its tenant's events held; raises PartnerUnknown and PartnerClosed."""
    partner = await known(tx, id_)
    if partner.state is State.CLOSED:
        raise PartnerClosed
    return partner


async def known(tx: Tx, id_: str) -> Partner:
    """Return a partner, with its tenant's events held; raises PartnerUnknown."""
    found = await partners.find(tx, id_)
    if found is None:
        raise PartnerUnknown
    await partners.hold_all(tx, found.tenant)
    return await partners.find(tx, id_) or found


def _facts(partner: Partner | None) -> dict[str, object] | None:
    if partner is None:
        return None
    return {"tenant": partner.tenant, "channels": list(partner.channels), "state": partner.state.value}
