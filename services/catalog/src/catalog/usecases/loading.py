"""Loading an assortment: all of it, or, where anything is wrong, nothing and every fault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Tx

from catalog.domain.assortment import Breach, Market, Merging, WantedProduct
from catalog.domain.coupon import Coupon, WantedCoupon, offer
from catalog.domain.errors import CatalogError, ChannelKindFixed, SkuTaken
from catalog.domain.product import Channel, Product, product_id
from catalog.store import channels, coupons, documents, prices, products
from catalog.store.documents import Known
from catalog.usecases import publishing


@dataclass(frozen=True, slots=True)
class Assortment:
    """What a file wants to be for sale."""

    channels: Sequence[Channel]
    products: Sequence[WantedProduct]
    coupons: Sequence[WantedCoupon]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to do with products that the file does not have, or that staff has withdrawn."""

    withdraw_missing: bool = False
    sell_withdrawn: bool = False


@dataclass(slots=True)
class Outcome:
    """What is to change; breaches name the noun, its key and where in it, and with any of them nothing is changed."""

    channels: dict[str, Channel] = field(default_factory=dict[str, Channel])
    changed_channels: list[Channel] = field(default_factory=list[Channel])
    published: list[Product] = field(default_factory=list[Product])
    unchanged: list[Product] = field(default_factory=list[Product])
    withdrawn: list[Product] = field(default_factory=list[Product])
    left_withdrawn: list[Product] = field(default_factory=list[Product])
    offered: list[Coupon] = field(default_factory=list[Coupon])
    breaches: list[Breach] = field(default_factory=list[Breach])


async def load(tx: Tx, tenant: str, wanted: Assortment, wishes: Wishes) -> Outcome:
    """Hold an assortment against what is for sale, and keep and say what is new; what is unchanged says nothing."""
    outcome = await compare(tx, tenant, wanted, wishes)
    if outcome.breaches:
        return outcome
    await channels.put(tx, tenant, outcome.changed_channels)
    await publishing.publish(tx, tenant, outcome.published, outcome.channels)
    for product in outcome.withdrawn:
        await publishing.withdraw(tx, tenant, product, "file")
    for coupon in outcome.offered:
        await publishing.offer(tx, tenant, coupon)
    return outcome


async def compare(tx: Tx, tenant: str, wanted: Assortment, wishes: Wishes) -> Outcome:
    """What loading would change, and every rule it would break."""
    await channels.take_turn(tx, tenant)
    outcome = Outcome(channels=await channels.of_tenant(tx, tenant))
    _channels(outcome, wanted.channels)
    await products.lock_all(tx, tenant)
    there = await documents.of_tenant(tx, tenant)
    skus = [variant.sku for product in wanted.products for edition in product.editions for variant in edition.variants]
    market = Market(tenant, outcome.channels, await prices.history(tx, tenant, skus), tx.now)
    _products(outcome, market, there, wanted.products, wishes)
    before = await coupons.of_tenant(tx, tenant)
    for coupon in wanted.coupons:
        known = before.get((coupon.channel, coupon.code))
        try:
            offered = offer(tenant, coupon, outcome.channels, known, tx.now)
        except CatalogError as error:
            outcome.breaches.append(Breach(("coupon", coupon.channel, coupon.code), error))
            continue
        if offered != known:
            outcome.offered.append(offered)
    return outcome


def _channels(outcome: Outcome, wanted: Sequence[Channel]) -> None:
    for channel in wanted:
        known = outcome.channels.get(channel.channel)
        if known is not None and known.kind is not channel.kind:
            outcome.breaches.append(Breach(("channel", channel.channel), ChannelKindFixed()))
        if channel != known:
            outcome.changed_channels.append(channel)
            outcome.channels[channel.channel] = channel


def _products(
    outcome: Outcome, market: Market, there: Mapping[UUID, Known], wanted: Sequence[WantedProduct], wishes: Wishes
) -> None:
    named = {product_id(market.tenant, product.family, product.version) for product in wanted}
    kept = [known for key, known in there.items() if key not in named or _left(known, wishes)]
    taken = {variant.sku: known.product.product for known in kept for variant in known.product.variants}
    changed = {channel.channel for channel in outcome.changed_channels}
    for wish in wanted:
        known: Known | None = there.get(product_id(market.tenant, wish.family, wish.version))
        merging = Merging(market, known.product if known else None)
        product = merging.product(wish)
        key = ("product", wish.family, wish.version)
        outcome.breaches += [Breach((*key, *breach.at), breach.error) for breach in merging.breaches]
        foreign = [v.sku for v in product.variants if taken.get(v.sku, product.product) != product.product]
        outcome.breaches += [Breach((*key, sku), SkuTaken()) for sku in foreign]
        withdrawn = known is not None and known.withdrawn_at is not None
        if known is not None and _left(known, wishes):
            outcome.left_withdrawn.append(product)
        elif known is None or withdrawn or product != known.product or product.channels & changed:
            outcome.published.append(product)
        else:
            outcome.unchanged.append(product)
    for known in there.values():
        if known.product.product in named or known.withdrawn_at is not None:
            continue
        if wishes.withdraw_missing:
            outcome.withdrawn.append(known.product)
        elif known.product.channels & changed:
            outcome.published.append(known.product)


def _left(known: Known, wishes: Wishes) -> bool:
    """What staff has withdrawn is not sold again by the way."""
    return known.withdrawn_by == "staff" and not wishes.sell_withdrawn
