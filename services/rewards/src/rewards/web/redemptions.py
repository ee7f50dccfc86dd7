"""Routes of redemptions: spending points, and saying that a partner has delivered."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from chassis.db import Begin, Tx
from chassis.identity.tokens import Caller
from chassis.identity.keyrings import KeyRings
from chassis.web import Listing, Page, Routes
from contracts.event import Sealed

from rewards.domain.rewards import RedemptionUnknown
from rewards.store import redemptions
from rewards.store.redemptions import Redemption
from rewards.usecases import redeeming
from rewards.web import bodies, places, views

CUSTOMER = "customer"
STAFF = "support"


def add(routes: Routes, keys: KeyRings) -> None:
    """What members redeem and staff fulfils."""

    async def opened(made: Sequence[Redemption]) -> list[views.RedemptionView]:
        boxes = [one.code for one in made if one.code is not None]
        unlocked = await keys.ring("rewards").unlock(boxes)

        def code(box: Sealed | None) -> str | None:
            text = None if box is None else unlocked.open(box)
            return text if isinstance(text, str) else None

        return [views.redemption_view(one, code(one.code)) for one in made]

    @routes.get("/members/me/redemptions/{redemption}", allow=CUSTOMER)
    async def view_redemption(begin: Begin, caller: Caller, redemption: UUID) -> views.RedemptionView:
        """One of my redemptions, with its voucher's code."""
        async with begin() as tx:
            made = await redemptions.find(tx, caller.tenant, redemption)
        if made is None or str(made.customer) != caller.subject:
            raise RedemptionUnknown
        return (await opened([made]))[0]

    @routes.post("/redemptions", allow=CUSTOMER, creates=view_redemption)
    async def redeem(tx: Tx, caller: Caller, body: bodies.Redeem) -> UUID:
        """Spend points on a reward."""
        return await redeeming.redeem(tx, caller.tenant, UUID(caller.subject), body.reward)

    @routes.get("/members/me/redemptions", allow=CUSTOMER)
    async def list_mine(begin: Begin, caller: Caller, page: Page) -> Listing[views.RedemptionView]:
        """My redemptions, newest first, with their vouchers' codes."""
        before = places.identity(page.cursor)
        async with begin() as tx:
            made = await redemptions.newest(tx, caller.tenant, UUID(caller.subject), None, before, page.limit + 1)
        more = len(made) > page.limit
        items = await opened(made[: page.limit])
        return Listing(items=items, next=str(items[-1].redemption) if more else None)

    @routes.get("/redemptions", allow=STAFF)
    async def list_all(
        tx: Tx, caller: Caller, page: Page, state: Literal["open", "fulfilled"] | None = None
    ) -> Listing[views.OrderView]:
        """The tenant's redemptions, newest first; `open` are those a partner has still to deliver."""
        fulfilled = None if state is None else state == "fulfilled"
        before = places.identity(page.cursor)
        made = await redemptions.newest(tx, caller.tenant, None, fulfilled, before, page.limit + 1)
        items = [views.order_view(one) for one in made[: page.limit]]
        return Listing(items=items, next=str(items[-1].redemption) if len(made) > page.limit else None)

    @routes.post("/redemptions/{redemption}/fulfilment", allow=STAFF)
    async def fulfil(tx: Tx, caller: Caller, redemption: UUID) -> views.OrderView:
        """Record that the partner has delivered: the miles are credited, the basket is posted (L6)."""
        return views.order_view(await redeeming.fulfil(tx, caller.tenant, redemption))
