"""Links: opened, changed by staff, sent anew, taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Once, Read, Tx
from contracts.delivery import DownloadExtended
from contracts.organisations import Looker

from delivery.domain.files import FileRetired
from delivery.domain.grants import (
    STAFF,
    FileUse,
    Grant,
    GrantDead,
    GrantUnknown,
    Line,
    LinkExpired,
    LinkRevoked,
    LinkSuspended,
    LinkUnknown,
    LinkUsedUp,
)
from delivery.store import grants, lines, orders, sessions
from delivery.usecases.granting import granted, header, locked_uses, new_link, publish_revoked
from delivery.usecases.tokens import hash_of, new_token


@dataclass(frozen=True, slots=True)
class LinkState:
    """A link as its bearer sees it; `refusal` is why it opens nothing, if so."""

    link: grants.Link
    files: Sequence[FileUse]
    refusal: Exception | None


async def open_link(read: Read, token: str) -> LinkState:
    """Look at a link, which consumes nothing (F-D16); raises LinkUnknown."""
    found = await grants.by_token(read, hash_of(token))
    if found is None:
        raise LinkUnknown
    return _state(*found, read.now)


async def open_own(read: Read, tenant: str, by: Looker, grant_id: UUID) -> LinkState:
    """Look at a link as somebody who may use it, without its secret; raises GrantUnknown."""
    link = await grants.find(read, tenant, grant_id)
    if link is None or not by.uses(link.order.customer_id, link.order.organisation_id):
        raise GrantUnknown
    # counted after the grant was read, so that whatever changes between shows in its version
    files = await grants.file_uses(read, tenant, [grant_id])
    return _state(link, files[grant_id], read.now)


async def try_reserve(read: Read, once: Once, token: str, file_id: UUID, lifetime: timedelta) -> LinkState | str | None:
    """Reserve one download of a file and return its secret address, or the link with why it is refused.

    It goes on with a download that was reserved and not begun, so that who presses twice uses one, and a new link with
    what an earlier one has begun; their earlier addresses are dead. None where the count has changed meanwhile: of two
    who want the last download the other counts again, by `reserve_locked`. Raises LinkUnknown.
    """
    return await _reserve(once, await open_link(read, token), file_id, lifetime)


async def reserve_locked(tx: Tx, token: str, file_id: UUID, lifetime: timedelta) -> LinkState | str:
    """Do what `try_reserve` does, behind a lock; raises LinkUnknown."""
    await grants.lock_link(tx, hash_of(token))
    # nobody else reserves now, but a download that this would go on with may be completed
    while (reserved := await _reserve(tx, await open_link(tx, token), file_id, lifetime)) is None:
        pass
    return reserved


async def reserve_own(tx: Tx, tenant: str, by: Looker, grant_id: UUID, file_id: UUID, lifetime: timedelta) -> str:
    """Reserve one download of a file of a link that a customer may use, and return its secret address.

    It counts as `try_reserve` does. Raises GrantUnknown, LinkUnknown for a file of another, and why it is refused.
    """
    await grants.lock(tx, tenant, [grant_id])
    while True:
        state = await open_own(tx, tenant, by, grant_id)
        reserved = await _reserve(tx, state, file_id, lifetime)
        if isinstance(reserved, LinkState):
            raise reserved.refusal or LinkUnknown
        if reserved is not None:
            return reserved


async def change_grant(tx: Tx, tenant: str, grant_id: UUID, until: datetime | None, download_limit: int | None) -> None:
    """Let a grant live until another moment, or allow another number of downloads (E6, E9).

    Its customer is told of the change: raises GrantDead, FileRetired or GrantUsedUp where the link opens nothing then.
    """
    line, grant = await _locked(tx, tenant, grant_id)
    if grant.revoked_at is not None:
        raise GrantDead
    changed = replace(
        grant, valid_until=until or grant.valid_until, download_limit=download_limit or grant.download_limit
    )
    if changed == grant:
        return
    changed.check_opens(await locked_uses(tx, tenant, grant), tx.now)
    await grants.save(tx, [(line.order, changed)])
    tx.audit("grant", grant_id, before=_terms(grant), after=_terms(changed) | {"order": line.order.id})
    tx.publish(
        DownloadExtended(
            **header(line.order),
            line=line.id,
            grant=grant_id,
            valid_until=changed.valid_until,
            download_limit=changed.download_limit,
        )
    )


async def resend(tx: Tx, tenant: str, grant_id: UUID) -> None:
    """Give a grant a new link, published like a new one; the old link is dead.

    Raises GrantUnknown, and GrantDead, FileRetired or GrantUsedUp where the new link would open nothing.
    """
    line, grant = await _locked(tx, tenant, grant_id)
    token_hash, sealed_token = new_link(line.order)
    number = grant.link_number + 1
    renewed = replace(grant, token_hash=token_hash, sealed_token=sealed_token, link_number=number)
    await grants.save(tx, [(line.order, renewed)])
    # as the new link counts, which goes on with what the old one has begun
    renewed.check_opens(await locked_uses(tx, tenant, renewed), tx.now)
    tx.publish(granted(line.order, renewed, line.files))
    tx.audit("grant", grant_id, before={"link": grant.link_number}, after={"link": number, "order": line.order.id})


async def revoke_grant(tx: Tx, tenant: str, grant_id: UUID) -> None:
    """Take a link back for good, by staff; running transfers are cut."""
    line, grant = await _locked(tx, tenant, grant_id)
    if grant.reason == STAFF:
        return
    revoked = grant.revoked(tx.now, STAFF)
    await grants.save(tx, [(line.order, revoked)])
    publish_revoked(tx, line.order, revoked)
    after = {"reason": revoked.reason, "order": line.order.id}
    tx.audit("grant", grant_id, before={"reason": grant.reason}, after=after)


def _terms(grant: Grant) -> dict[str, object]:
    return {"valid_until": grant.valid_until, "download_limit": grant.download_limit}


def _state(link: grants.Link, files: Sequence[FileUse], now: datetime) -> LinkState:
    refusal: Exception | None = None
    try:
        link.grant.check(now)
    except (LinkRevoked, LinkExpired, LinkSuspended) as error:
        refusal = error.with_traceback(None)
    if refusal is None and not link.grant.opens(files):
        refusal = LinkUsedUp() if files else FileRetired()
    return LinkState(link, files, refusal)


async def _reserve(by: Once | Tx, state: LinkState, file_id: UUID, lifetime: timedelta) -> LinkState | str | None:
    tenant, grant = state.link.order.tenant, state.link.grant
    use = next((use for use in state.files if use.file.id == file_id), None)
    if use is None:
        raise LinkUnknown
    if isinstance(state.refusal, LinkExpired | LinkRevoked | LinkSuspended):
        return state
    if not use.left(grant.download_limit):
        return replace(state, refusal=LinkUsedUp())
    secret, until = new_token(), by.now + lifetime
    if use.unfinished is not None:
        reserved = await sessions.take_over(by, tenant, grant, use.unfinished, hash_of(secret), until)
    else:
        reserved = await sessions.add(by, tenant, grant, by.new_id(), file_id, hash_of(secret), until)
    return secret if reserved else None


async def _locked(tx: Tx, tenant: str, grant_id: UUID) -> tuple[Line, Grant]:
    """Return a grant with its line, behind the lock of its order."""
    link = await grants.find(tx, tenant, grant_id)
    if link is None:
        raise GrantUnknown
    key = (tenant, link.order.id)
    await orders.lock(tx, [key])
    for line in await lines.of_orders(tx, [key]):
        if line.grant is not None and line.grant.id == grant_id:
            return line, line.grant
    raise GrantUnknown
