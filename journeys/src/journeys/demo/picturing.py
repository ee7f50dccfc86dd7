"""The demo's pictures: drawn, and sent by the seller's staff."""

import asyncio
from urllib.parse import urlencode

from journeys.demo import art
from journeys.seller import Shop


async def hang_pictures(shop: Shop, channel: str = "direct") -> int:
    """Draw a picture of each family that a channel sells, and have it shown; return how many."""
    path = f"/products?channel={channel}&tenant={shop.tenant}&limit=100"
    listed = (await shop.suite.call("catalog", "GET", path))["items"]
    families = {str(product["family"]): str(product["family_id"]) for product in listed}
    drawn = [name for name in families if name in art.ART]
    await asyncio.gather(*(_hang(shop, name, families[name]) for name in drawn))
    return len(drawn)


async def _hang(shop: Shop, name: str, family: str) -> None:
    content = await asyncio.to_thread(art.draw, name)
    alt = urlencode({f"alt_{language}": words for language, words in art.ALT[name].items()})
    headers = {"Content-Type": "image/png"}
    await shop.seller.ask("catalog", "PUT", f"/presentations/{family}/picture?{alt}", data=content, headers=headers)
