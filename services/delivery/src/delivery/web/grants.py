"""Grants as staff and customers see them, and what staff may do about them (E6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from chassis.db import Tx
from chassis.identity.tokens import Caller
from chassis.web import Body, Listing, Page, Problem, Routes, View
from pydantic import AwareDatetime, Field

from delivery.domain.grants import GrantUnknown
from delivery.store import grants, orders
from delivery.usecases import links
from delivery.web.places import following, page_of, place

READERS = ("support", "sales", "files", "reviewer")
CHANGERS = ("support", "sales")
FARTHEST = timedelta(days=3660)


class ChangeGrant(Body):
    """Until when a link lives, and how often each file may be downloaded; what is left out stays."""

    valid_until: AwareDatetime | None = None
    download_limit: Annotated[int, Field(ge=1, le=1000)] | None = None


class GrantedFile(View):
    """A file of a grant, and how many of its downloads are used, reserved ones included."""

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
    state: Literal["active", "expired", "revoked"]
    granted_at: datetime
    valid_until: datetime
    download_limit: int
    revoked_at: datetime | None
    revocation_reason: str | None
    files: list[GrantedFile]


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


def add(routes: Routes) -> None:
    """The routes of grants."""

    @routes.get("/orders/{order_id}/grants", allow=READERS)
    async def order_grants(tx: Tx, caller: Caller, order_id: UUID) -> OrderGrantsView:
        """The links of an order, and the paid lines that wait for one."""
        if await orders.header(tx, caller.tenant, order_id) is None:
            raise GrantUnknown
        waiting = [
            WaitingView(
                line=known.line.line,
                sku=known.sku,
                name=known.name,
                units=sorted(known.line.live),
                deliver_from=known.line.not_before,
                has_files=known.line.has_files,
            )
            for known in await orders.lines(tx, caller.tenant, order_id)
            if known.waiting
        ]
        found = await grants.of_order(tx, caller.tenant, order_id)
        return OrderGrantsView(order=order_id, grants=await _views(tx, caller.tenant, found), waiting=waiting)

    @routes.get("/grants/{grant}", allow=READERS)
    async def view_grant(tx: Tx, caller: Caller, grant: UUID) -> GrantView:
        """A link."""
        found = await grants.find(tx, caller.tenant, grant)
        if found is None:
            raise GrantUnknown
        return (await _views(tx, caller.tenant, [found]))[0]

    @routes.put("/grants/{grant}", allow=CHANGERS)
    async def change_grant(tx: Tx, caller: Caller, grant: UUID, body: ChangeGrant) -> GrantView:
        """Let a link live until another moment, or allow another number of downloads."""
        if body.valid_until is not None and body.valid_until > tx.now + FARTHEST:
            raise Problem(422, "invalid", "A link lives at most ten years.")
        await links.change_grant(tx, caller.tenant, grant, body.valid_until, body.download_limit)
        return await view_grant(tx, caller, grant)

    @routes.post("/grants/{grant}/resend", allow=CHANGERS)
    async def resend(tx: Tx, caller: Caller, grant: UUID) -> GrantView:
        """Send the customer a new link; the old one is dead, what it had begun the new one may finish."""
        await links.resend(tx, caller.tenant, grant)
        return await view_grant(tx, caller, grant)

    @routes.post("/grants/{grant}/revocation", allow=CHANGERS)
    async def revoke(tx: Tx, caller: Caller, grant: UUID) -> GrantView:
        """Take a link back for good; running transfers are cut within a second."""
        await links.revoke_grant(tx, caller.tenant, grant)
        return await view_grant(tx, caller, grant)

    @routes.get("/me/grants", allow="customer")
    async def my_grants(tx: Tx, caller: Caller, page: Page) -> Listing[GrantView]:
        """The caller's own links, newest first, without their secrets."""
        found = await grants.of_customer(tx, caller.tenant, UUID(caller.subject), place(page), page.limit + 1)
        shown = page_of(found, page)
        last = (shown[-1].granted_at, shown[-1].grant.grant) if shown else None
        return Listing(items=await _views(tx, caller.tenant, shown), next=following(found, page, last))


async def _views(tx: Tx, tenant: str, found: Sequence[grants.Link]) -> list[GrantView]:
    counted = await grants.files(tx, tenant, [link.grant.grant for link in found])
    return [_view(link, counted[link.grant.grant], tx.now) for link in found]


def _view(link: grants.Link, files: Sequence[grants.Counted], now: datetime) -> GrantView:
    grant = link.grant
    state: Literal["active", "expired", "revoked"] = "expired" if now >= grant.valid_until else "active"
    return GrantView(
        grant=grant.grant,
        order=link.order,
        order_number=link.order_number,
        line=link.line,
        sku=link.sku,
        name=link.name,
        units=sorted(grant.units),
        state="revoked" if grant.revoked_at is not None else state,
        granted_at=link.granted_at,
        valid_until=grant.valid_until,
        download_limit=link.download_limit,
        revoked_at=grant.revoked_at,
        revocation_reason=grant.reason,
        files=[
            GrantedFile(
                file=each.file.file,
                name=each.file.name,
                version=each.file.version,
                media_type=each.file.media_type,
                size=each.file.size,
                sha256=each.file.sha256,
                used=each.used,
                left=max(0, link.download_limit - each.used),
            )
            for each in files
        ],
    )
