"""The catalogue, open to everybody."""

from typing import Literal

from chassis.db import Tx
from chassis.web import Routes

from rewards.store import programme
from rewards.web import bodies, views


def add(routes: Routes) -> None:
    """What everybody may see."""

    @routes.get("/rewards")
    async def list_rewards(
        tx: Tx, tenant: bodies.Name, market: bodies.Market, language: Literal["de", "en"] = "de"
    ) -> views.CatalogueView:
        """What points can be spent on in a market now (L4)."""
        stocked = await programme.stocked(tx, tenant)
        offered = [reward for reward in await programme.catalogue(tx, tenant) if reward.offered(market, tx.now)]
        return views.CatalogueView(rewards=[views.reward_view(reward, language, stocked) for reward in offered])
