"""Links: opened, changed by staff, sent anew, taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Tx
from contracts.delivery import DownloadExtended, RevocationReason

from delivery.domain.grants import GrantDead, GrantUnknown, LinkExpired, LinkRevoked, LinkUnknown, LinkUsedUp
from delivery.store import files, grants, orders, sessions
from delivery.usecases.granting import granted, revoked, sealed_token
from delivery.usecases.tokens import hash_of, new_token

# The number of a grant's first link: there is no earlier one whose downloads it could go on with.
FIRST = 1


@dataclass(frozen=True, slots=True)
class Opened:
    """A link as its bearer sees it; `refusal` is why it opens nothing, if so."""

    link: grants.Link
    files: Sequence[grants.Counted]
    refusal: Exception | None


async def open_link(tx: Tx, token: str) -> Opened:
    """Look at a link, which consumes nothing (F-D16); raises LinkUnknown."""
    found = await grants.by_token(tx, hash_of(token))
    if found is None:
        raise LinkUnknown
    return _opened(tx, *found)


async def reserve(tx: Tx, token: str, file: UUID, lifetime: timedelta) -> Opened | str:
    """Reserve one download of a file and return its secret address; what is refused says why.

    Of two who want the last one gets it: the other's count is no longer true, and it counts again behind a lock. A new
    link goes on with what an earlier one has begun.
    """
    reserved = await _reserve(tx, await open_link(tx, token), file, lifetime)
    if reserved is None:
        await grants.lock_link(tx, hash_of(token))
        reserved = await _reserve(tx, await open_link(tx, token), file, lifetime)
    if reserved is None:
        raise LinkUnknown
    return reserved


async def change_grant(tx: Tx, tenant: str, grant_id: UUID, until: datetime | None, download_limit: int | None) -> None:
    """Let a grant live until another moment, or allow another number of downloads (E6, E9)."""
    link = await _locked(tx, tenant, grant_id)
    if link.grant.revoked_at is not None:
        raise GrantDead
    grant = replace(link.grant, valid_until=until or link.grant.valid_until)
    limit = download_limit or link.download_limit
    if (grant.valid_until, limit) == (link.grant.valid_until, link.download_limit):
        return
    await grants.change(tx, tenant, grant, limit)
    header = await _header(tx, link)
    tx.publish(
        DownloadExtended(
            **header.story,
            line=link.line,
            grant=grant_id,
            valid_until=grant.valid_until,
            download_limit=limit,
        )
    )


async def resend(tx: Tx, tenant: str, grant_id: UUID) -> None:
    """Give a grant a new link, said like a new one; the old link is dead."""
    link = await _locked(tx, tenant, grant_id)
    try:
        link.grant.check(tx.now)
    except (LinkRevoked, LinkExpired):
        raise GrantDead from None
    header = await _header(tx, link)
    token_hash, box = sealed_token(header)
    await grants.set_token(tx, tenant, grant_id, token_hash, str(box))
    released = (await files.of_skus(tx, tenant, [link.sku])).get(link.sku, [])
    tx.publish(granted(header, link.line, link.sku, link.grant, released, box, link.download_limit))


async def revoke_grant(tx: Tx, tenant: str, grant_id: UUID) -> None:
    """Staff takes a link back for good; running transfers are cut."""
    link = await _locked(tx, tenant, grant_id)
    reason = RevocationReason.STAFF
    if link.grant.reason == reason.value:
        return
    grant = replace(link.grant, revoked_at=link.grant.revoked_at or tx.now, reason=reason.value)
    await grants.change(tx, tenant, grant, link.download_limit)
    tx.publish(revoked(await _header(tx, link), link.line, grant, tx, reason))


async def _reserve(tx: Tx, opened: Opened, file: UUID, lifetime: timedelta) -> Opened | str | None:
    """The same, or None where the grant has changed since it was looked at."""
    link = opened.link
    counted = next((counted for counted in opened.files if counted.file.file == file), None)
    if counted is None:
        raise LinkUnknown
    if isinstance(opened.refusal, LinkExpired | LinkRevoked):
        return opened
    secret, until = new_token(), tx.now + lifetime
    renewed = link.link_number > FIRST
    if renewed and await sessions.adopt(
        tx, link.tenant, link.grant.grant, file, hash_of(secret), link.link_number, until
    ):
        return secret
    if counted.used >= link.download_limit:
        return replace(opened, refusal=LinkUsedUp())
    return secret if await sessions.add(tx, link, tx.new_id(), counted.file, hash_of(secret), until) else None


def _opened(tx: Tx, link: grants.Link, counted: Sequence[grants.Counted]) -> Opened:
    refusal: Exception | None = None
    try:
        link.grant.check(tx.now)
    except (LinkRevoked, LinkExpired) as error:
        refusal = error.with_traceback(None)
    if refusal is None and all(each.used >= link.download_limit for each in counted):
        refusal = LinkUsedUp()
    return Opened(link, counted, refusal)


async def _locked(tx: Tx, tenant: str, grant: UUID) -> grants.Link:
    link = await grants.lock(tx, tenant, grant)
    if link is None:
        raise GrantUnknown
    return link


async def _header(tx: Tx, link: grants.Link) -> orders.Header:
    header = await orders.header(tx, link.tenant, link.order)
    if header is None:
        raise GrantUnknown
    return header
