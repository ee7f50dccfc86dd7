"""The route of the catalogue, open to everybody."""

from typing import Literal

from chassis.db import Read
from chassis.web import Listing, Routes

from rewards.store import programme
from rewards.web import bodies, views

routes = Routes()


@routes.get("/rewards", kept_seconds=60)
async def list_rewards(
    read: Read, tenant: bodies.Name, market: bodies.Market, language: Literal["de", "en"] = "de"
) -> Listing[views.RewardView]:
    """What points can be spent on in a market now (L4)."""
    stocked = await programme.stocked(read, tenant)
    offered = [reward for reward in await programme.catalogue(read, tenant) if reward.offered(market, read.now)]
    return Listing(items=[views.reward_view(reward, language, stocked) for reward in offered])
