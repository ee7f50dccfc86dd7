"""The routes of redemptions: spending points, and recording that a partner has delivered."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from chassis.db import Begin, Read, Tx
from chassis.identity import Caller, KeyRings
from chassis.web import Listing, Page, Routes, listing
from contracts.accounts import CustomerClaims
from contracts.event import Sealed

from rewards.domain.rewards import RedemptionUnknown
from rewards.store import programme, redemptions
from rewards.store.redemptions import Redemption
from rewards.usecases import redeeming
from rewards.usecases.codes import Vault
from rewards.web import bodies, views

CUSTOMER = "customer"
STAFF = "support"
PURPOSE = "rewards"
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
    address = None if body.address is None else body.address.model_dump_json()
    person = CustomerClaims.model_validate(caller.claims)
    me = UUID(caller.subject)
    return await redeeming.redeem(tx, caller.tenant, me, person, body.reward, vault, body.account, address)


@routes.get("/members/me/redemptions", allow=CUSTOMER)
async def list_mine(read: Read, caller: Caller, page: Page, keys: KeyRings) -> Listing[views.RedemptionView]:
    """My redemptions, newest first, with their vouchers' codes."""
    found = await redemptions.newest(read, caller.tenant, UUID(caller.subject), None, _before(page), page.limit + 1)
    opened = await _opened(found, keys)
    return listing(opened, page, lambda view: (view.redemption,), lambda view: view)


@routes.get("/redemptions", allow=STAFF)
async def list_all(
    read: Read,
    caller: Caller,
    page: Page,
    state: Literal["open", "fulfilled", "failed"] | None = None,
    language: Literal["de", "en"] = "de",
) -> Listing[views.OrderView]:
    """The tenant's redemptions, newest first; `open` are those a partner has still to deliver."""
    found = await redemptions.newest(read, caller.tenant, None, state, _before(page), page.limit + 1)
    known = {reward.id: reward for reward in await programme.catalogue(read, caller.tenant)}
    return listing(
        found,
        page,
        lambda redemption: (redemption.id,),
        lambda redemption: views.order_view(redemption, known.get(redemption.reward_id), language),
    )


@routes.post("/redemptions/{redemption}/fulfilment", allow=STAFF)
async def fulfil(tx: Tx, caller: Caller, redemption: UUID) -> views.OrderView:
    """Record that the partner has delivered: the miles are credited, the basket is posted (L6)."""
    done = await redeeming.fulfil(tx, caller.tenant, redemption)
    return views.order_view(done, await programme.find(tx, caller.tenant, done.reward_id))


@routes.post("/redemptions/{redemption}/failure", allow=STAFF)
async def fail(tx: Tx, caller: Caller, redemption: UUID) -> views.OrderView:
    """Record that the partner cannot deliver: the member gets the points back, once."""
    failed = await redeeming.fail(tx, caller.tenant, redemption)
    return views.order_view(failed, await programme.find(tx, caller.tenant, failed.reward_id))


@routes.get("/redemptions/{redemption}/destination", allow=STAFF)
async def view_destination(
    read: Read, begin: Begin, caller: Caller, redemption: UUID, keys: KeyRings
) -> views.DestinationView:
    """Where an open redemption's miles or shipment go; each reading is recorded."""
    found = await redemptions.find(read, caller.tenant, redemption)
    if found is None:
        raise RedemptionUnknown
    if found.destination is None:
        return views.DestinationView(redemption=redemption)
    async with begin() as tx:
        tx.audit_reading("redemption", [redemption], PURPOSE, "where it goes")
    unlocked = await keys.ring(PURPOSE).unlock([found.destination])
    return views.destination_view(found, unlocked.open(found.destination))


def _before(page: Page) -> UUID | None:
    after = page.after(tuple[UUID])
    return after[0] if after else None


async def _opened(found: Sequence[Redemption], keys: KeyRings) -> list[views.RedemptionView]:
    unlocked = await keys.ring(PURPOSE).unlock([one.code for one in found if one.code is not None])

    def code(box: Sealed | None) -> str | None:
        text = None if box is None else unlocked.open(box)
        return text if isinstance(text, str) else None

    return [views.redemption_view(one, code(one.code)) for one in found]
