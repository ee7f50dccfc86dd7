"""From paid lines to links, and back: every reaction records what it heard and concludes from all that is known."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from chassis.db import Tx
from chassis.identity.sealing import seal
from contracts.delivery import DownloadGranted, DownloadRevoked, RevocationReason
from contracts.delivery import File as ReleasedFile
from contracts.event import Sealed
from contracts.orders import DeliveryReleased, OrderPaid, OrderRefunded
from contracts.shared import Fulfilment

from delivery.domain.files import File
from delivery.domain.grants import Grant, Verdict, valid_until
from delivery.store import files, grants, orders
from delivery.usecases.tokens import hash_of, new_token

WATCH = "watch transfers"
RELEASE = "release lines"


async def grant_paid_lines(tx: Tx, paid: OrderPaid) -> None:
    """The money for these units is in: what is to be downloaded gets its link, now or when its time comes."""
    lines = [line for line in paid.lines if line.fulfilment is Fulfilment.DOWNLOAD]
    if lines:
        await orders.record_paid(tx, paid, lines)
        await _conclude(tx, paid.tenant, paid.order)


async def take_back(tx: Tx, refund: OrderRefunded) -> None:
    """Units are taken back: a line that has none left loses its link at once (DEL-12)."""
    await orders.lock(tx, refund.tenant, refund.order)
    await orders.record_refund(tx, refund)
    await _conclude(tx, refund.tenant, refund.order)


async def release_lines(tx: Tx, released: DeliveryReleased) -> None:
    """Lines may be delivered earlier than was agreed."""
    await orders.lock(tx, released.tenant, released.order)
    await orders.record_release(tx, released.tenant, released.lines, released.deliver_from)
    await _conclude(tx, released.tenant, released.order)


async def release_due(tx: Tx) -> bool:
    """Grant the waiting lines whose time and files have come (F-D20); true where there may be more."""
    due = await orders.due(tx, tx.now)
    for tenant, order in sorted(due):
        await orders.lock(tx, tenant, order)
        await _conclude(tx, tenant, order)
    return bool(due)


def sealed_token(header: orders.Header) -> tuple[bytes, Sealed]:
    """A new link's secret: its hash, and itself sealed to the customer."""
    token = new_token()
    return hash_of(token), seal(token, header.contact, "token")


def released_files(known: Sequence[File]) -> list[ReleasedFile]:
    """Files as events name them."""
    return [
        ReleasedFile(
            file=file.file,
            version=file.version,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
        )
        for file in known
    ]


async def _conclude(tx: Tx, tenant: str, order: UUID) -> None:
    """Do what follows from everything known of an order, which is locked."""
    verdicts = [(known, known.line.verdict(tx.now)) for known in await orders.lines(tx, tenant, order)]
    for waiting in (True, False):
        changed = [k.line.line for k, verdict in verdicts if (verdict is Verdict.WAIT) is waiting is not k.waiting]
        if changed:
            await orders.set_waiting(tx, tenant, changed, waiting=waiting)
    verdicts = [(known, verdict) for known, verdict in verdicts if verdict not in (Verdict.NOTHING, Verdict.WAIT)]
    header = await orders.header(tx, tenant, order) if verdicts else None
    if header is None:
        return
    known_files = await files.of_skus(tx, tenant, [known.sku for known, _ in verdicts])
    new: list[grants.New] = []
    for known, verdict in verdicts:
        released = known_files.get(known.sku, [])
        if verdict is Verdict.GRANT:
            new.append(_grant(tx, header, known, released))
        elif known.line.grant is not None:
            await _change(tx, header, known, known.line.grant, verdict, released)
    await grants.add(tx, tenant, order, new)


def _grant(tx: Tx, header: orders.Header, known: orders.Known, released: Sequence[File]) -> grants.New:
    until = valid_until(tx.now, known.link_validity_days)
    grant = Grant(tx.new_id(), known.line.live, until)
    token_hash, box = sealed_token(header)
    limit = known.download_limit
    tx.publish(granted(header, known.line.line, known.sku, grant, released, box, limit))
    return grants.New(grant, known.line.line, known.sku, token_hash, str(box), limit)


async def _change(
    tx: Tx,
    header: orders.Header,
    known: orders.Known,
    before: Grant,
    verdict: Verdict,
    released: Sequence[File],
) -> None:
    link = await grants.lock(tx, header.tenant, before.grant)
    if link is None:
        return
    grant = replace(link.grant, units=known.line.live)
    if verdict is Verdict.REVOKE:
        grant = replace(link.grant, revoked_at=tx.now, reason=RevocationReason.REFUNDED.value)
        tx.publish(revoked(header, known.line.line, before, tx, RevocationReason.REFUNDED))
    elif verdict is Verdict.SAY_AGAIN:
        until = valid_until(tx.now, known.link_validity_days, link.grant.valid_until)
        grant = replace(grant, valid_until=until, revoked_at=None, reason=None)
        box = Sealed.parse(link.token)
        tx.publish(granted(header, known.line.line, known.sku, grant, released, box, link.download_limit))
    await grants.change(tx, header.tenant, grant, link.download_limit)


def granted(
    header: orders.Header,
    line: UUID,
    sku: str,
    grant: Grant,
    released: Sequence[File],
    token: Sealed,
    download_limit: int,
) -> DownloadGranted:
    """The news of a link."""
    return DownloadGranted(
        **header.story,
        line=line,
        grant=grant.grant,
        sku=sku,
        units=sorted(grant.units),
        files=released_files(released),
        token=token,
        valid_until=grant.valid_until,
        download_limit=download_limit,
    )


def revoked(header: orders.Header, line: UUID, grant: Grant, tx: Tx, reason: RevocationReason) -> DownloadRevoked:
    """The news of a link's end, on which running transfers are cut."""
    tx.wake(WATCH)
    return DownloadRevoked(**header.story, line=line, grant=grant.grant, reason=reason, revoked_at=tx.now)
