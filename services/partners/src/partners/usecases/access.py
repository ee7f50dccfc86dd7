"""Having Kafka let partners read, and stop them."""

import time
from collections.abc import Sequence
from typing import Any, Final

import structlog
from chassis.db import Tx
from chassis.jobs import Trigger

from partners.domain.access import LEASE_SECONDS, PATIENCE_SECONDS, Access, Answer
from partners.domain.partner import State
from partners.store import accesses
from partners.usecases.vault import Vault

ACCESS: Final = Trigger("give access")
SEALED: Final = "its password does not open with PARTNER_KEY_FILE: give it another (partner rotate)"
log = structlog.get_logger(__name__)


async def claim(tx: Tx, limit: int, vault: Vault) -> Sequence[Access]:
    """Claim what Kafka is still to be given; one that cannot be read keeps no other from it."""
    since = time.monotonic()
    return [_access(row, since, vault) for row in await accesses.claim(tx, limit, LEASE_SECONDS)]


async def settle(tx: Tx, access: Access, answer: Answer) -> None:
    """Record that Kafka has been given it, or why not; who comes late has it given anew."""
    claimed = access.partner, access.version, access.claim
    if answer.fault is None:
        kept = await accesses.settle(tx, *claimed, LEASE_SECONDS)
    else:
        log.error("Kafka is not given what a partner may do", partner=access.partner, reason=answer.fault)
        kept = await accesses.put_aside(tx, *claimed, answer.fault, PATIENCE_SECONDS)
    if not kept:
        log.warning("a partner was claimed anew meanwhile", partner=access.partner)
        await accesses.repeat(tx, access.partner)


def _access(row: Any, since: float, vault: Vault) -> Access:
    secret = fault = None
    is_open = row["state"] == State.OPEN
    if is_open and row["secret"] is not None:
        try:
            secret = vault.open_secret(row["id"], row["secret"])
        except ValueError:
            fault = SEALED
    return Access(row["id"], row["version"], is_open, row["claim"], since, secret, fault)
