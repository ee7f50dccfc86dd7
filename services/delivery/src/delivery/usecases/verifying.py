"""Reading again what is stored (DEL-9)."""

from collections.abc import Sequence

from chassis.db import Read, Tx

from delivery.domain.files import Content
from delivery.store import files


async def next_contents(read: Read, after: tuple[str, str]) -> Sequence[tuple[str, Content]]:
    """Return what is to be read next."""
    return await files.contents(read, after)


async def record(tx: Tx, tenant: str, content: Content, found: Content | None) -> None:
    """Serve a content again, or no more; `content` is what was known of it before it was read."""
    if found is None:
        await files.mark_damaged(tx, tenant, content)
    else:
        await files.add_content(tx, tenant, found)
