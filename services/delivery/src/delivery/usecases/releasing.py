"""Files of articles: released as a whole, waited for by those who have paid."""

from dataclasses import dataclass

from chassis.db import Read, Tx
from contracts.delivery import FileReleased

from delivery.domain.files import Content, File
from delivery.store import chores, files
from delivery.usecases.granting import RELEASE, released_files

REMOVE_TORN = "remove torn uploads"
EVERY_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as staff sends it; `by` is who."""

    tenant: str
    sku: str
    name: str
    version: str
    media_type: str
    by: str


async def sound_content(read: Read, tenant: str, sha256: str) -> Content | None:
    """Return what is stored under this hash, if it is not known to be damaged."""
    found = await files.find_content(read, tenant, sha256)
    return None if found is None or found[1] is not None else found[0]


async def release_file(tx: Tx, upload: Upload, content: Content) -> None:
    """Set a file of an article and publish all of its files; the same again changes nothing."""
    await files.lock_article(tx, upload.tenant, upload.sku)
    await files.add_content(tx, upload.tenant, content)
    file = File(
        id=tx.new_id(),
        sku=upload.sku,
        version=upload.version,
        name=upload.name,
        media_type=upload.media_type,
        size=content.size,
        sha256=content.sha256,
        released_at=tx.now,
    )
    if not await files.put(tx, upload.tenant, file, upload.by):
        return
    released = released_files(await files.of_article(tx, upload.tenant, upload.sku))
    tx.publish(FileReleased(tenant=upload.tenant, sku=upload.sku, files=released, released_at=tx.now))
    tx.wake(RELEASE)


async def record_verified(tx: Tx, tenant: str, content: Content, found: Content | None) -> None:
    """Serve a content again, or no more; `content` is what was known of it before it was read (DEL-9)."""
    if found is None:
        await files.mark_damaged(tx, tenant, content)
    else:
        await files.add_content(tx, tenant, found)


async def claim_removal(tx: Tx, _: int) -> list[str]:
    """Once an hour one process removes what torn uploads have left."""
    return [REMOVE_TORN] if await chores.take(tx, REMOVE_TORN, EVERY_SECONDS) else []
