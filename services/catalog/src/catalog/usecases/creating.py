"""Making a product from nothing: one edition and one article, with a price in each channel that is to sell it."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from chassis.db import Tx
from chassis.refusals import slug
from contracts.currencies import CURRENCIES

from catalog.domain.assortment import RRP, Breach, WantedProduct, WantedVariant
from catalog.domain.errors import DaysUnused, DaysWrong, PriceNotPayable, ProductRefused, ProductTaken
from catalog.domain.money import WantedPrice
from catalog.domain.presentation import WantedPresentation
from catalog.domain.product import product_id
from catalog.store import channels, documents
from catalog.usecases import loading
from catalog.usecases.loading import Assortment, LoadOptions


async def create(
    tx: Tx,
    tenant: str,
    wanted: WantedProduct,
    shown: Mapping[tuple[str, ...], WantedPresentation],
    *,
    draft: bool = False,
) -> UUID:
    """Sell a product that there is not yet, or keep it as a draft, and return its id.

    Raises ProductTaken, also for one that is withdrawn, and ProductRefused with every rule that it breaks.
    """
    await channels.serialise(tx, tenant)
    product = product_id(tenant, wanted.family, wanted.version)
    if await documents.find(tx, tenant, product) is not None:
        raise ProductTaken
    (variant,) = (variant for edition in wanted.editions for variant in edition.variants)
    found = list(_unpayable(variant))
    if not found:
        found = (await loading.load(tx, tenant, Assortment((), [wanted], (), shown), LoadOptions(draft=draft))).breaches
    if found:
        raise ProductRefused([_fault(breach, variant) for breach in found])
    return product


def _unpayable(variant: WantedVariant) -> Iterable[Breach]:
    """Yield what the payment provider does not take."""
    series = [(RRP, variant.rrp), *((one.channel, one.prices or ()) for one in variant.listings)]
    for channel, prices in series:
        if not all(_payable(price) for price in prices):
            yield Breach(("", "", "", variant.sku, channel), PriceNotPayable())


def _payable(price: WantedPrice) -> bool:
    currency = CURRENCIES.get(price.currency)
    return currency is not None and currency.prices(price.amount)


def _fault(breach: Breach, variant: WantedVariant) -> dict[str, str]:
    """Return a breach with the part of the request that it is about."""
    rule = slug(type(breach.error))
    # the noun, the family and the version stand first
    _, *rest = breach.at[3:] or ("",)
    if isinstance(breach.error, DaysWrong | DaysUnused):
        return {"at": "body.delivery_days", "rule": rule}
    if not rest:
        return {"at": "body.sku" if len(breach.at) > 3 else "body", "rule": rule}
    if rest[0] == RRP:
        return {"at": "body.rrp", "rule": rule}
    place = [one.channel for one in variant.listings].index(rest[0])
    return {"at": f"body.offers.{place}.{'channel' if rule == 'channel-unknown' else 'amount'}", "rule": rule}
