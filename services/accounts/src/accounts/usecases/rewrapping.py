"""Wrapping anew with the newest master key, so that older ones can be given up."""

from chassis.db import Tx

from accounts.store import wrapped
from accounts.usecases.key_management import KeyManagement

AT_ONCE = 500


async def rewrap(
    tx: Tx, shelf: wrapped.Shelf, last: wrapped.Wrapped | None, kms: KeyManagement
) -> list[wrapped.Wrapped]:
    """Wrap the keys that follow `last` anew, and return them as they were; none where that was all.

    Safe to repeat. Raises SealBroken where a key was wrapped by a master key that is not at hand.
    """
    scope, place = (last.scope, last.place) if last else ("", wrapped.FIRST)
    found = await wrapped.after(tx, shelf, scope, place, AT_ONCE)
    boxes = [kms.master.wrap(kms.master.unwrap(one.box, one.id), one.id) for one in found]
    if found:
        await wrapped.replace(tx, shelf, found, boxes)
    return found
