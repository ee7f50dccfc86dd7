"""Opening and closing shops."""

from chassis.db import Tx, known_tenants

from storefront.domain.shop import HostTaken, Shop, ShopUnknown, TenantUnknown
from storefront.store import shops


async def open_shop(tx: Tx, shop: Shop) -> None:
    """Open a shop, or change it; raises TenantUnknown and HostTaken."""
    if shop.tenant not in await known_tenants(tx):
        raise TenantUnknown
    if (host := await shops.taken(tx, shop)) is not None:
        raise HostTaken(host)
    await shops.put(tx, shop)


async def close_shop(tx: Tx, shop_id: str) -> None:
    """Close a shop: at its addresses nothing is shown any more; raises ShopUnknown."""
    if not await shops.close(tx, shop_id):
        raise ShopUnknown
