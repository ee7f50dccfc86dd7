"""Opening and closing shops."""

from chassis.db import Tx, known_tenants

from contracts import storefront as contract
from storefront.domain import legal
from storefront.domain.shop import HostTaken, Shop, ShopUnknown, TenantUnknown
from storefront.store import shops, texts


async def open_shop(tx: Tx, shop: Shop) -> None:
    """Open a shop, or change it, and publish what has changed; raises TenantUnknown and HostTaken."""
    if shop.tenant not in await known_tenants(tx):
        raise TenantUnknown
    if (host := await shops.taken(tx, shop)) is not None:
        raise HostTaken(host)
    before = await shops.lock(tx, shop.id)
    if before == shop:
        return
    if before is not None and (before.tenant, before.channel) != (shop.tenant, shop.channel):
        tx.publish(_closed(before))
    await shops.put(tx, shop)
    await _keep_texts(tx, shop)
    tx.publish(_opened(shop))


async def close_shop(tx: Tx, shop_id: str) -> None:
    """Close a shop: at its addresses nothing is shown any more; raises ShopUnknown."""
    shop = await shops.lock(tx, shop_id)
    if shop is None:
        raise ShopUnknown
    await shops.close(tx, shop_id)
    tx.publish(_closed(shop))


async def _keep_texts(tx: Tx, shop: Shop) -> None:
    """Keep each text that is another than before as a new version, which holds from now on."""
    known = await texts.latest(tx, shop.id)
    for (kind, language), text in legal.texts_of(shop.brand).items():
        before = known.get((kind, language))
        if before is None or before.text != text:
            version = legal.next_version(tx.now.date(), before.version if before else "")
            await texts.keep(tx, shop.id, legal.Text(kind, language, version, text, tx.now))


def _opened(shop: Shop) -> contract.ShopOpened:
    brand = contract.Brand(
        name=shop.brand.name,
        color=shop.brand.color,
        tagline=dict(shop.brand.tagline),
        imprint=dict(shop.brand.imprint),
        contact=shop.brand.contact,
        mail_from=shop.brand.mail_from,
        texts=sorted({kind for kind, _ in legal.texts_of(shop.brand)}),
    )
    return contract.ShopOpened(
        tenant=shop.tenant, shop=shop.id, channel=shop.channel, hosts=list(shop.hosts), brand=brand
    )


def _closed(shop: Shop) -> contract.ShopClosed:
    return contract.ShopClosed(tenant=shop.tenant, shop=shop.id, channel=shop.channel)
