"""From paid lines to links, and back: what follows from everything recorded of an order."""

from collections.abc import Sequence
from dataclasses import replace

from chassis.consuming import Touched
from chassis.db import Tx
from chassis.identity import SealBroken, seal
from chassis.jobs import Trigger, in_parts
from chassis.telemetry import metrics
from contracts.delivery import DownloadGranted, DownloadRevoked, RevocationReason
from contracts.delivery import File as ReleasedFile
from contracts.event import Sealed, SubjectKey
from contracts.shared import SaleHeader
from contracts.wire import Attributes

from delivery.domain.files import File
from delivery.domain.grants import ContactBroken, FileUse, Grant, Line, Verdict
from delivery.domain.orders import Order
from delivery.store import grants, lines, orders
from delivery.usecases.tokens import hash_of, new_token

missing_seconds = metrics.of("delivery").gauge(
    "missing_files_seconds", "How long the oldest paid line has waited for files of its article; 0: none."
)
WATCH = Trigger("watch transfers")
RELEASE = Trigger("release lines")
AT_ONCE = 100


async def conclude(tx: Tx, touched: Touched) -> None:
    """Grant, extend, shrink or revoke the links of these orders, or let lines wait, as follows from all that is known.

    A line whose units are all refunded loses its link at once (DEL-12). Raises ContactBroken.
    """
    await orders.lock(tx, touched)
    waiting: list[Line] = []
    changed: list[tuple[Order, Grant]] = []
    for line in await lines.of_orders(tx, touched):
        order, verdict, cause = line.order, line.verdict(tx.now), touched[line.order.tenant, line.order.id]
        if verdict is Verdict.WAIT and not line.waiting:
            new_link(order)  # fails now where it would, and not when its files come, and everybody's with them
        if line.waiting or verdict is Verdict.WAIT:
            waiting.append(replace(line, waiting=verdict is Verdict.WAIT))
        if verdict in (Verdict.NOTHING, Verdict.WAIT):
            continue
        if line.grant is None:
            grant = line.granted(tx.now, tx.new_id(), *new_link(order))
        else:
            uses = await locked_uses(tx, order.tenant, line.grant) if verdict is Verdict.EXTEND else ()
            grant = line.changed(line.grant, verdict, tx.now, uses)
        changed.append((order, grant))
        if verdict is Verdict.REVOKE:
            publish_revoked(tx, order, grant, cause)
        elif verdict is not Verdict.SHRINK:
            tx.publish(granted(order, grant, line.files), cause=cause)
    await lines.set_waiting(tx, waiting)
    await grants.save(tx, changed)


async def release_due(tx: Tx) -> bool:
    """Grant the waiting lines whose time and files have come (F-D20); true where there may be more."""
    due = await lines.due(tx, tx.now, AT_ONCE)
    done = await in_parts(tx, RELEASE.name, due, lambda some: conclude(tx, dict.fromkeys(some)), tuple)
    return done > 0 and len(due) == AT_ONCE


async def measure_missing(tx: Tx) -> bool:
    """Show how long paid lines have waited for an article's files, which nobody but staff can bring."""
    since = await lines.missing_since(tx)
    missing_seconds.set(max(0.0, (tx.now - since).total_seconds()) if since else 0.0)
    return False


async def locked_uses(tx: Tx, tenant: str, grant: Grant) -> Sequence[FileUse]:
    """Return what is used of a grant; nobody uses more before the transaction ends."""
    await grants.lock(tx, tenant, [grant.id])
    return (await grants.file_uses(tx, tenant, [grant.id]))[grant.id]


def header(order: Order) -> SaleHeader:
    """Return the header of events of an order."""
    return SaleHeader(
        tenant=order.tenant,
        channel=order.channel,
        market=order.market,
        seller=order.seller,
        order=order.id,
        order_number=order.number,
        ordered_at=order.ordered_at,
    )


def new_link(order: Order) -> tuple[bytes, str]:
    """Return a new link's secret: its hash, and itself sealed to the customer. Raises ContactBroken."""
    token = new_token()
    try:
        return hash_of(token), str(seal(token, SubjectKey.model_validate_json(order.contact), "token"))
    except SealBroken:
        raise ContactBroken from None


def released_files(files: Sequence[File]) -> list[ReleasedFile]:
    """Return files as events name them."""
    return [
        ReleasedFile(
            file=file.id,
            version=file.version,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
        )
        for file in files
    ]


def granted(order: Order, grant: Grant, files: Sequence[File]) -> DownloadGranted:
    """Return the event of a link."""
    return DownloadGranted(
        **header(order),
        line=grant.line_id,
        grant=grant.id,
        sku=grant.sku,
        units=sorted(grant.unit_ids),
        files=released_files(files),
        token=Sealed.parse(grant.sealed_token),
        valid_until=grant.valid_until,
        download_limit=grant.download_limit,
    )


def publish_revoked(tx: Tx, order: Order, grant: Grant, cause: Attributes | None = None) -> None:
    """Publish the end of a link, and have its running transfers cut."""
    event = DownloadRevoked(
        **header(order),
        line=grant.line_id,
        grant=grant.id,
        reason=RevocationReason(grant.reason),
        revoked_at=tx.now,
    )
    tx.publish(event, cause=cause)
    tx.wake(WATCH)
