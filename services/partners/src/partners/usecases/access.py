"""Having Kafka let partners read, and stop them."""

from collections.abc import Sequence
from typing import Final

from chassis.db import Tx
from chassis.jobs import Trigger

from partners.domain.access import Access
from partners.domain.partner import State
from partners.store import accesses
from partners.usecases.vault import Vault

ACCESS: Final = Trigger("give access")


async def claim(tx: Tx, limit: int, vault: Vault) -> Sequence[Access]:
    """Claim what Kafka is still to be given."""
    return [
        Access(
            row["id"],
            row["version"],
            row["state"] == State.OPEN,
            None if row["secret"] is None else vault.open_secret(row["id"], row["secret"]),
        )
        for row in await accesses.claim(tx, limit)
    ]


async def settle(tx: Tx, access: Access, given: bool) -> None:
    """Record that Kafka has been given it."""
    del given
    await accesses.settle(tx, access.partner, access.version)
