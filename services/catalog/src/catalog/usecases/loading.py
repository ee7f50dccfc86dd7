"""Loading an assortment: all of it, or, where anything is wrong, nothing and every fault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from chassis.db import Tx
from chassis.lists import compact

from catalog.domain.assortment import Breach, Market, Merging, WantedProduct, breaches
from catalog.domain.coupon import Coupon, WantedCoupon, offer
from catalog.domain.errors import CatalogError, ChannelKindFixed, SkuTaken
from catalog.domain.presentation import WantedPresentation
from catalog.domain.product import Channel, Product, edition_id, family_id, line_id, product_id
from catalog.store import channels, coupons, documents, prices, products
from catalog.store.documents import StoredProduct
from catalog.usecases import presenting, publishing

# where the family of a path stands otherwise, which is never empty
OF_LINE: Final = ""


@dataclass(frozen=True, slots=True)
class Assortment:
    """What a file wants to be for sale, and shown.

    What is shown is known by (OF_LINE, line), (family), (family, version), (family, version, edition).
    """

    channels: Sequence[Channel]
    products: Sequence[WantedProduct]
    coupons: Sequence[WantedCoupon]
    shown: Mapping[tuple[str, ...], WantedPresentation] = field(
        default_factory=dict[tuple[str, ...], WantedPresentation]
    )


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What to do with products that the file does not have, or that staff has withdrawn; `draft` sells none yet."""

    withdraw_missing: bool = False
    sell_withdrawn: bool = False
    draft: bool = False


@dataclass(slots=True)
class Outcome:
    """What is to change; breaches name the noun, its key and where in it, and with any of them nothing is changed."""

    channels: dict[str, Channel] = field(default_factory=dict[str, Channel])
    changed_channels: list[Channel] = field(default_factory=list[Channel])
    published: list[Product] = field(default_factory=list[Product])
    unchanged: list[Product] = field(default_factory=list[Product])
    withdrawn: list[Product] = field(default_factory=list[Product])
    still_withdrawn: list[Product] = field(default_factory=list[Product])
    offered: list[Coupon] = field(default_factory=list[Coupon])
    shown: list[UUID] = field(default_factory=list[UUID])
    breaches: list[Breach] = field(default_factory=list[Breach])


async def load(tx: Tx, tenant: str, wanted: Assortment, options: LoadOptions) -> Outcome:
    """Compare an assortment with what is for sale, and store and publish what is new, that alone."""
    outcome = await compare(tx, tenant, wanted, options)
    if outcome.breaches:
        return outcome
    await channels.put(tx, tenant, outcome.changed_channels)
    if options.draft:
        await publishing.draft(tx, tenant, outcome.published)
    else:
        await publishing.publish(tx, tenant, outcome.published, outcome.channels)
    for product in outcome.withdrawn:
        await publishing.withdraw(tx, tenant, product, "file")
    for coupon in outcome.offered:
        await publishing.offer(tx, tenant, coupon)
    outcome.shown = await presenting.load(
        tx, tenant, {_subject(tenant, path): wanted for path, wanted in wanted.shown.items()}
    )
    changed = {
        "channels": [channel.code for channel in outcome.changed_channels],
        "drafted" if options.draft else "published": [product.id for product in outcome.published],
        "withdrawn": [product.id for product in outcome.withdrawn],
        "coupons": [coupon.id for coupon in outcome.offered],
        "shown": outcome.shown,
    }
    if any(changed.values()):
        tx.audit("assortment", tenant, after=changed)
    return outcome


async def compare(tx: Tx, tenant: str, wanted: Assortment, options: LoadOptions) -> Outcome:
    """Return what loading would change, and every rule it would break."""
    await channels.serialise(tx, tenant)
    outcome = Outcome(channels=await channels.of_tenant(tx, tenant))
    _channels(outcome, wanted.channels)
    await products.lock(tx, tenant)
    stored = await documents.of_tenant(tx, tenant)
    for one in stored.values():
        tx.wait_for(one.published_at)
    skus = [variant.sku for product in wanted.products for edition in product.editions for variant in edition.variants]
    history, settings = await prices.history(tx, tenant, skus), await products.settings(tx, tenant, skus)
    market = Market(tenant, outcome.channels, history, settings, tx.now)
    _products(outcome, market, stored, wanted.products, options)
    before = await coupons.of_tenant(tx, tenant)
    for coupon in wanted.coupons:
        form = compact(coupon.code)
        known = before.get((coupon.channel, form))
        try:
            offered = offer(tenant, coupon, outcome.channels, known, tx.now)
        except CatalogError as error:
            outcome.breaches.append(Breach(("coupon", coupon.channel, form), error))
            continue
        if offered != known:
            outcome.offered.append(offered)
    return outcome


def _subject(tenant: str, path: tuple[str, ...]) -> UUID:
    family, *rest = path
    if family == OF_LINE:
        return line_id(tenant, rest[0])
    if not rest:
        return family_id(tenant, family)
    product = product_id(tenant, family, rest[0])
    return edition_id(product, rest[1]) if len(rest) > 1 else product


def _channels(outcome: Outcome, wanted: Sequence[Channel]) -> None:
    for channel in wanted:
        known = outcome.channels.get(channel.code)
        if known is not None and known.kind is not channel.kind:
            outcome.breaches.append(Breach(("channel", channel.code), ChannelKindFixed()))
        if channel != known:
            outcome.changed_channels.append(channel)
            outcome.channels[channel.code] = channel


def _products(
    outcome: Outcome,
    market: Market,
    stored: Mapping[UUID, StoredProduct],
    wanted: Sequence[WantedProduct],
    options: LoadOptions,
) -> None:
    named = {product_id(market.tenant, product.family, product.version) for product in wanted}
    kept = [known for key, known in stored.items() if key not in named or _stays_withdrawn(known, options)]
    taken = {variant.sku: known.product.id for known in kept for variant in known.product.variants}
    changed = {channel.code for channel in outcome.changed_channels}
    for item in wanted:
        known: StoredProduct | None = stored.get(product_id(market.tenant, item.family, item.version))
        merging = Merging(market, known.product if known else None)
        product = merging.product(item)
        key = ("product", item.family, item.version)
        outcome.breaches += [Breach((*key, *breach.at), breach.error) for breach in merging.breaches]
        foreign = [v.sku for v in product.variants if taken.get(v.sku, product.id) != product.id]
        outcome.breaches += [Breach((*key, sku), SkuTaken()) for sku in foreign]
        withdrawn = known is not None and known.withdrawn_at is not None
        if known is not None and _stays_withdrawn(known, options):
            outcome.still_withdrawn.append(product)
        elif known is None or withdrawn or product != known.product or product.channels & changed:
            outcome.published.append(product)
        else:
            outcome.unchanged.append(product)
    for known in stored.values():
        if known.product.id in named or known.withdrawn_at is not None:
            continue
        if options.withdraw_missing:
            outcome.withdrawn.append(known.product)
        elif known.product.channels & changed:
            outcome.published.append(known.product)
            # a channel may have come to show net prices
            broken = breaches(known.product, outcome.channels)
            outcome.breaches += [Breach(("channel", *one.at[1:]), one.error) for one in broken if len(one.at) > 1]


def _stays_withdrawn(known: StoredProduct, options: LoadOptions) -> bool:
    """Whether staff has withdrawn it and the file alone does not sell it again."""
    return known.withdrawn_by == "staff" and not options.sell_withdrawn
