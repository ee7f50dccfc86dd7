"""Removing from the store of contents what is kept no longer."""

from collections.abc import Sequence
from uuid import UUID

from mail_relay.clients.contents import Contents
from mail_relay.domain.retention import Removal, Shard


async def remove(removal: Removal, contents: Contents) -> None:
    """Remove a content, if it is still there. Raises ContentsAway."""
    await contents.remove(removal.id)


async def look(shard: Shard, contents: Contents) -> Sequence[UUID]:
    """Return the contents of a part of the store that were stored long ago. Raises ContentsAway."""
    return await contents.stored(shard.name, shard.before)
