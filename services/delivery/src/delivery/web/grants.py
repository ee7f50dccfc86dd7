"""Grants as staff and customers see them, and what staff may do about them (E6)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Body, Listing, Page, Routes, View, listing, unfit
from contracts.bounds import Time
from contracts.organisations import looker
from pydantic import Field

from delivery.domain.grants import FileUse, GrantUnknown
from delivery.domain.orders import Order
from delivery.store import grants, lines, orders
from delivery.usecases import links
from delivery.web.downloads import Limits

routes = Routes()

CUSTOMER = "customer"
READERS = (CUSTOMER, "support", "sales", "files", "reviewer")
CHANGERS = ("support", "sales")
FARTHEST = timedelta(days=3660)


class ChangeGrant(Body):
    """Until when a link lives, and how often each file may be downloaded; what is left out stays."""

    valid_until: Time | None = None
    download_limit: Annotated[int, Field(ge=1, le=1000)] | None = None


class GrantedFile(View):
    """A file of a grant, how many of its downloads are used, and how many its link has left."""

    file: UUID
    name: str
    version: str
    media_type: str
    size: int
    sha256: str
    used: int
    left: int


class GrantView(View):
    """A line's link, without its secret."""

    grant: UUID
    order: UUID
    order_number: str
    line: UUID
    sku: str
    name: str
    units: list[UUID]
    state: Literal["active", "expired", "revoked", "suspended"]
    granted_at: datetime
    valid_until: datetime
    download_limit: int
    revoked_at: datetime | None
    revocation_reason: str | None
    files: list[GrantedFile]


class StartedView(View):
    """Where a download that was started is fetched: a path below the service's public address, secret like a key."""

    url: str


class WaitingView(View):
    """A paid line that is not granted yet: its time has not come, or its files are not there."""

    line: UUID
    sku: str
    name: str
    units: list[UUID]
    deliver_from: datetime
    has_files: bool


class OrderGrantsView(View):
    """What an order's paid lines have come to."""

    order: UUID
    grants: list[GrantView]
    waiting: list[WaitingView]


@routes.get("/orders/{order}/grants", allow=READERS)
async def order_grants(read: Read, caller: Caller, order: UUID) -> OrderGrantsView:
    """The links of an order, and the paid lines that wait for one: the customer's own, or any for staff.

    Owners and auditors who act for an organisation see those of all its orders.
    """
    known = await orders.find(read, caller.tenant, order)
    if known is None or not _sees(caller, known):
        raise GrantUnknown
    waiting = [
        WaitingView(
            line=line.id,
            sku=line.sku,
            name=line.name,
            units=sorted(line.live),
            deliver_from=line.not_before,
            has_files=bool(line.files),
        )
        for line in await lines.of_orders(read, [(caller.tenant, order)])
        if line.waiting
    ]
    found = await grants.of_order(read, caller.tenant, order)
    uses = await _uses(read, caller, found)
    return OrderGrantsView(order=order, grants=[_view(link, uses, read.now) for link in found], waiting=waiting)


@routes.get("/grants/{grant}", allow=READERS)
async def view_grant(read: Read, caller: Caller, grant: UUID) -> GrantView:
    """A link, of an order that the caller may see."""
    found = await grants.find(read, caller.tenant, grant)
    if found is None or not _sees(caller, found.order):
        raise GrantUnknown
    return _view(found, await _uses(read, caller, [found]), read.now)


@routes.put("/grants/{grant}", allow=CHANGERS)
async def change_grant(tx: Tx, caller: Caller, grant: UUID, body: ChangeGrant) -> GrantView:
    """Let a link live until another moment, or allow another number of downloads."""
    if body.valid_until is not None and body.valid_until > tx.now + FARTHEST:
        raise unfit("A link lives at most ten years.", "body.valid_until", "too_far")
    await links.change_grant(tx, caller.tenant, grant, body.valid_until, body.download_limit)
    return await view_grant(tx, caller, grant)


@routes.post("/grants/{grant}/resend", allow=CHANGERS)
async def resend(tx: Tx, caller: Caller, grant: UUID) -> GrantView:
    """Send the customer a new link; the old one is dead, what it had begun the new one may finish.

    A grant whose downloads are used up must be allowed more of them first.
    """
    await links.resend(tx, caller.tenant, grant)
    return await view_grant(tx, caller, grant)


@routes.post("/grants/{grant}/revocation", allow=CHANGERS)
async def revoke(tx: Tx, caller: Caller, grant: UUID) -> GrantView:
    """Take a link back for good; running transfers are cut within a second."""
    await links.revoke_grant(tx, caller.tenant, grant)
    return await view_grant(tx, caller, grant)


@routes.get("/me/grants", allow=CUSTOMER)
async def my_grants(read: Read, caller: Caller, page: Page) -> Listing[GrantView]:
    """The caller's own links, newest first, without their secrets.

    Owners and auditors who act for an organisation get those of all that was bought for it.
    """
    after, by = page.after(tuple[datetime, UUID]), looker(caller.subject, caller.claims)
    if by.seen_whole is not None:
        found = await grants.of_organisation(read, caller.tenant, by.seen_whole, after, page.limit + 1)
    else:
        found = await grants.of_customer(read, caller.tenant, by.customer, after, page.limit + 1)
    uses = await _uses(read, caller, found)
    return listing(
        found,
        page,
        lambda link: (link.grant.granted_at, link.grant.id),
        lambda link: _view(link, uses, read.now),
    )


@routes.post("/me/grants/{grant}/files/{file}", allow=CUSTOMER)
async def start_own_download(tx: Tx, caller: Caller, grant: UUID, file: UUID, limits: Limits) -> StartedView:
    """Start a download of the caller's own link: it counts like one from the link's page, and needs no letter.

    Owners who act for an organisation fetch what was bought for it; its auditors do not.
    """
    by = looker(caller.subject, caller.claims)
    secret = await links.reserve_own(tx, caller.tenant, by, grant, file, limits.session_lifetime)
    return StartedView(url=f"{limits.prefix}/t/{secret}")


def _sees(caller: Caller, order: Order) -> bool:
    by = looker(caller.subject, caller.claims) if CUSTOMER in caller.roles else None
    return by is None or by.sees(order.customer_id, order.organisation_id)


async def _uses(read: Read, caller: Caller, found: Sequence[grants.Link]) -> dict[UUID, list[FileUse]]:
    return await grants.file_uses(read, caller.tenant, [link.grant.id for link in found])


def _view(link: grants.Link, uses: Mapping[UUID, Sequence[FileUse]], now: datetime) -> GrantView:
    grant = link.grant
    open_state: Literal["active", "suspended"] = "suspended" if grant.suspended else "active"
    state: Literal["active", "expired", "suspended"] = "expired" if now >= grant.valid_until else open_state
    return GrantView(
        grant=grant.id,
        order=link.order.id,
        order_number=link.order.number,
        line=grant.line_id,
        sku=grant.sku,
        name=link.name,
        units=sorted(grant.unit_ids),
        state="revoked" if grant.revoked_at is not None else state,
        granted_at=grant.granted_at,
        valid_until=grant.valid_until,
        download_limit=grant.download_limit,
        revoked_at=grant.revoked_at,
        revocation_reason=grant.reason,
        files=[
            GrantedFile(
                file=use.file.id,
                name=use.file.name,
                version=use.file.version,
                media_type=use.file.media_type,
                size=use.file.size,
                sha256=use.file.sha256,
                used=use.used,
                left=use.left(grant.download_limit),
            )
            for use in uses[grant.id]
        ],
    )
