"""Files of articles: released as a whole, waited for by those who have paid."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.db import Read, Tx
from contracts.delivery import FileReleased

from delivery.domain.files import Content, ContentLeaving, File, FileThere, FileUnknown, Grace
from delivery.store import chores, contents, files
from delivery.usecases.granting import RELEASE, released_files

REMOVE_TORN = "remove torn uploads"
REMOVE_UNNEEDED = "remove what nobody needs"
MARK_UNNEEDED = "mark what nobody needs"
EVERY_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as staff sends it; `by` is who.

    It replaces the file of its name, or the one that it `supersedes`, whose downloads and links go on with it.
    """

    tenant: str
    sku: str
    name: str
    version: str
    media_type: str
    by: str
    supersedes: str | None = None


async def sound_content(read: Read, tenant: str, sha256: str) -> Content | None:
    """Return what is stored under this hash, if it is not known to be damaged."""
    found = await files.find_content(read, tenant, sha256)
    return None if found is None or found[1] is not None else found[0]


async def release_file(tx: Tx, upload: Upload, content: Content) -> None:
    """Set a file of an article and publish all of its files; the same again changes nothing.

    Raises ContentLeaving, and FileUnknown or FileThere where it cannot take another one's place.
    """
    await files.lock_article(tx, upload.tenant, upload.sku)
    if not await files.add_content(tx, upload.tenant, content):
        raise ContentLeaving
    renamed = upload.supersedes is not None and await _supersede(tx, upload, upload.supersedes)
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
    if await files.put(tx, upload.tenant, file, upload.by) or renamed:
        facts = {"version": file.version, "sha256": file.sha256, "supersedes": upload.supersedes}
        tx.audit("file", f"{file.sku}/{file.name}", after=facts)
        await _publish(tx, upload.tenant, upload.sku)
        tx.wake(RELEASE)


async def retire_file(tx: Tx, tenant: str, sku: str, name: str, *, for_everybody: bool) -> None:
    """Offer a file of an article no more: links that were granted before keep it, unless it goes for everybody.

    Then what runs is cut within a second. Raises FileUnknown.
    """
    await files.lock_article(tx, tenant, sku)
    if not await files.retire(tx, tenant, sku, name, for_everybody=for_everybody):
        raise FileUnknown
    tx.audit("file", f"{sku}/{name}", after={"retired": "for everybody" if for_everybody else "for new links"})
    await _publish(tx, tenant, sku)


async def claim_unneeded(tx: Tx, limit: int, grace: Grace) -> Sequence[contents.Removal]:
    """Claim contents that nobody has been able to need for so long; once an hour it is looked which those are."""
    if await chores.take(tx, MARK_UNNEEDED, EVERY_SECONDS):
        await contents.mark(tx)
    return await contents.claim(tx, tx.now - grace, limit)


async def record_removed(tx: Tx, removal: contents.Removal, answer: None) -> None:
    """Forget a content that is no longer in the store."""
    del answer
    await contents.removed(tx, removal)


async def _publish(tx: Tx, tenant: str, sku: str) -> None:
    released = released_files(await files.of_article(tx, tenant, sku))
    tx.publish(FileReleased(tenant=tenant, sku=sku, files=released, released_at=tx.now))


async def _supersede(tx: Tx, upload: Upload, name: str) -> bool:
    """Give the file that an upload supersedes its name; false where it has it."""
    if upload.name == name:
        return False
    if await files.rename(tx, upload.tenant, upload.sku, name, upload.name):
        return True
    there = {file.name for file in await files.of_article(tx, upload.tenant, upload.sku)}
    raise FileThere if name in there else FileUnknown


async def record_verified(tx: Tx, tenant: str, content: Content, found: Content | None) -> None:
    """Serve a content again, or no more; `content` is what was known of it before it was read (DEL-9)."""
    if found is None:
        await files.mark_damaged(tx, tenant, content)
    else:
        await files.add_content(tx, tenant, found)
    tx.audit("content", content.sha256, after={"sound": found is not None}, tenant=tenant)


async def claim_removal(tx: Tx, _: int) -> list[str]:
    """Once an hour one process removes what torn uploads have left."""
    return [REMOVE_TORN] if await chores.take(tx, REMOVE_TORN, EVERY_SECONDS) else []
