"""Sending a partner the past again, in the order in which it was kept, before it goes on with the present."""

from typing import Final

from chassis.db import Tx
from chassis.jobs import Trigger

from partners.store import facts, partners
from partners.usecases.sending import publish
from partners.usecases.vault import Vault

REPLAY: Final = Trigger("send again")
STEP: Final = 500


async def replay(tx: Tx, vault: Vault) -> bool:
    """Send the next facts to one partner that is behind; true where there are more.

    Meanwhile nothing new of its tenant is kept, so that what is sent here and what is sent directly meet without a gap
    or a change of order. Facts keep their ids and numbers.
    """
    tenant = await partners.tenant_behind(tx)
    if tenant is None:
        return False
    await partners.hold_all(tx, tenant)
    partner = await partners.behind(tx, tenant)
    if partner is None:
        return True
    last, found = await facts.after(tx, partner, STEP)
    publish(tx, found, {(tenant, channel): [partner.id] for channel in partner.channels}, vault)
    if len(found) == STEP:
        await partners.reach(tx, partner.id, last)
    else:
        await partners.arrive(tx, partner.id)
    return True


async def expire(tx: Tx) -> bool:
    """Forget facts that are as old as Kafka keeps their events; true where there are more."""
    return await facts.expire(tx, tx.now, STEP) == STEP
