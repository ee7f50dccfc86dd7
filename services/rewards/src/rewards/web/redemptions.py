"""The routes of redemptions: spending points, and recording that a partner has delivered."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller, KeyRings
from chassis.web import Listing, Page, Routes, listing
from contracts.event import Sealed

from rewards.domain.rewards import RedemptionUnknown
from rewards.store import redemptions
from rewards.store.redemptions import Redemption
from rewards.usecases import redeeming
from rewards.usecases.codes import Vault
from rewards.web import bodies, views

CUSTOMER = "customer"
STAFF = "support"
routes = Routes()


@routes.get("/members/me/redemptions/{redemption}", allow=CUSTOMER)
async def view_redemption(read: Read, caller: Caller, redemption: UUID, keys: KeyRings) -> views.RedemptionView:
    """One of my redemptions, with its voucher's code."""
    found = await redemptions.find(read, caller.tenant, redemption)
    if found is None or str(found.customer_id) != caller.subject:
        raise RedemptionUnknown
    return (await _opened([found], keys))[0]


@routes.post("/redemptions", allow=CUSTOMER, creates=view_redemption)
async def redeem(tx: Tx, caller: Caller, body: bodies.Redeem, vault: Vault) -> UUID:
    """Spend points on a reward."""
    return await redeeming.redeem(tx, caller.tenant, UUID(caller.subject), body.reward, vault)


@routes.get("/members/me/redemptions", allow=CUSTOMER)
async def list_mine(read: Read, caller: Caller, page: Page, keys: KeyRings) -> Listing[views.RedemptionView]:
    """My redemptions, newest first, with their vouchers' codes."""
    found = await redemptions.newest(read, caller.tenant, UUID(caller.subject), None, _before(page), page.limit + 1)
    opened = await _opened(found, keys)
    return listing(opened, page, lambda view: (view.redemption,), lambda view: view)


@routes.get("/redemptions", allow=STAFF)
async def list_all(
    read: Read, caller: Caller, page: Page, state: Literal["open", "fulfilled"] | None = None
) -> Listing[views.OrderView]:
    """The tenant's redemptions, newest first; `open` are those a partner has still to deliver."""
    fulfilled = None if state is None else state == "fulfilled"
    found = await redemptions.newest(read, caller.tenant, None, fulfilled, _before(page), page.limit + 1)
    return listing(found, page, lambda redemption: (redemption.id,), views.order_view)


@routes.post("/redemptions/{redemption}/fulfilment", allow=STAFF)
async def fulfil(tx: Tx, caller: Caller, redemption: UUID) -> views.OrderView:
    """Record that the partner has delivered: the miles are credited, the basket is posted (L6)."""
    return views.order_view(await redeeming.fulfil(tx, caller.tenant, redemption))


def _before(page: Page) -> UUID | None:
    after = page.after(tuple[UUID])
    return after[0] if after else None


async def _opened(found: Sequence[Redemption], keys: KeyRings) -> list[views.RedemptionView]:
    unlocked = await keys.ring("rewards").unlock([one.code for one in found if one.code is not None])

    def code(box: Sealed | None) -> str | None:
        text = None if box is None else unlocked.open(box)
        return text if isinstance(text, str) else None

    return [views.redemption_view(one, code(one.code)) for one in found]
