"""What accounts does by the clock."""

from functools import partial

from chassis.db import Tx
from chassis.jobs import Jobs, minute, second, sweep

from accounts.store import sessions
from accounts.usecases import erasing, house, passkeys, signing, signing_in
from accounts.usecases.vault import Vault


def jobs(vault: Vault) -> Jobs:
    """Keys are made a year ahead and destroyed when their time has come; what is old is forgotten."""
    return [
        sweep("destroy contact keys", every=second, do=erasing.destroy_contacts),
        sweep("make records keys", every=10 * second, do=partial(house.make_next_keys, vault=vault)),
        sweep("forget old signing keys", every=minute, do=signing.forget_old_keys),
        sweep("forget old attempts", every=10 * minute, do=signing_in.forget_old_attempts),
        sweep("forget old challenges", every=minute, do=passkeys.forget_old_challenges),
        sweep("forget old sessions", every=10 * minute, do=forget_old_sessions),
    ]


async def forget_old_sessions(tx: Tx) -> bool:
    """Forget sessions that have expired."""
    return await sessions.forget_old(tx, tx.now)
