"""Reading again what is stored (DEL-9)."""

from collections.abc import Sequence

from chassis.db import Tx

from delivery.domain.files import Content
from delivery.store import files


async def next_contents(tx: Tx, after: tuple[str, str]) -> Sequence[tuple[str, Content]]:
    """What is to be read next."""
    return await files.contents(tx, after)


async def record(tx: Tx, tenant: str, content: Content, found: Content | None) -> None:
    """Serve a content again, or no more; `content` is what was known of it before it was read."""
    if found is None:
        await files.mark_damaged(tx, tenant, content)
    else:
        await files.add_content(tx, tenant, found)
