"""The routes that are open to everybody: what points can be had for, and what they can be spent on."""

from typing import Literal

from chassis.db import Read
from chassis.web import Listing, Routes

from rewards.domain.rules import earning
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


@routes.get("/earning", kept_seconds=60)
async def list_earning(read: Read, tenant: bodies.Name, market: bodies.Market) -> Listing[views.EarningView]:
    """How points are earned in a market now, how many at most, and how long they live (REW-3, REW-7)."""
    found = earning(await programme.rules(read, tenant), market, read.now)
    return Listing(items=[views.earning_view(rule) for rule in found])
