"""Sending a partner the past again, in the order in which it was kept, before it goes on with the present."""

from typing import Final

import structlog
from chassis.db import FailureClass, Tx, classify
from chassis.jobs import Trigger

from partners.domain.access import PATIENCE_SECONDS
from partners.domain.partner import Partner
from partners.store import facts, partners
from partners.usecases.sending import publish
from partners.usecases.vault import Vault

REPLAY: Final = Trigger("send again")
STEP: Final = 500
ALL: Final = (FailureClass.SERVICE_WIDE, FailureClass.REPEATABLE)
log = structlog.get_logger(__name__)


async def replay(tx: Tx, vault: Vault) -> bool:
    """Send the next facts to one partner that is behind; true where there are more.

    Meanwhile nothing new of its tenant is kept, so that what is sent here and what is sent directly meet without a gap
    or a change of order. Facts keep their ids and numbers. Where one partner's past cannot be sent it is put aside
    for a while, and the others go on.
    """
    tenant = await partners.tenant_behind(tx)
    if tenant is None:
        return False
    await partners.hold_all(tx, tenant)
    partner = await partners.behind(tx, tenant)
    if partner is None:
        return True
    try:
        async with tx.part():
            await _send(tx, partner, vault)
    except Exception as error:
        if classify(error) in ALL:
            raise
        log.exception("a partner cannot be sent the past", partner=partner.id)
        await partners.fall_back(tx, partner.id, type(error).__name__, PATIENCE_SECONDS)
    return True


async def _send(tx: Tx, partner: Partner, vault: Vault) -> None:
    last, found = await facts.after(tx, partner, STEP)
    readers = {(partner.tenant, channel): [partner.id] for channel in partner.channels}
    publish(tx, found, readers, vault)
    if len(found) == STEP:
        await partners.reach(tx, partner.id, last)
    else:
        await partners.arrive(tx, partner.id)


async def expire(tx: Tx) -> bool:
    """Forget facts that are as old as Kafka keeps their events; true where there are more."""
    return await facts.expire(tx, tx.now, STEP) == STEP
