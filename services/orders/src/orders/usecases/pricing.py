"""What a cart costs, with a coupon and the tax in it: by it carts are quoted, and orders are agreed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.db import Read
from contracts.currencies import CURRENCIES, Currency
from contracts.shared import CustomerType

from orders.domain.money import Taxed, discounted, taxed
from orders.domain.offers import Coupon, CouponRefused, NotSellable, Offer
from orders.domain.payment import CurrencyNotTaken
from orders.domain.rules import ZONE, Rules
from orders.domain.taxation import COUNTRY, check_place
from orders.store import offers
from orders.store.offers import Article


@dataclass(frozen=True, slots=True)
class Item:
    """An article, how many of it, and the gross price per unit that was shown, in minor units."""

    sku: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """What somebody wants, of which channel, as what, and where they are."""

    tenant: str
    customer_id: UUID
    channel: str
    market: str
    customer_type: CustomerType
    currency: str
    items: Sequence[Item]
    coupon: str | None = None


@dataclass(frozen=True, slots=True)
class Priced:
    """A line of a cart: the price per unit after discount, the amounts of all its units, and the VAT rate (bp)."""

    item: Item
    article: Article
    price: int
    amount: Taxed
    rate: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What a cart costs now, and the coupon that counts for it, if one was named."""

    lines: list[Priced]
    coupon: Coupon | None


async def quote(read: Read, cart: Cart, rules: Rules) -> Quote:
    """Return what a cart costs now; nothing is kept, and no use of the coupon is held.

    Raises what an order of it would, as far as the cart decides it: CurrencyNotTaken, NotSellable, NotEligible,
    PriceChanged, NotTaxable, CouponRefused and CouponUsed.
    """
    currency = currency_of(cart)
    chosen = await offers_of(read, cart)
    if chosen[0].legal is None or chosen[0].records is None:
        raise NotSellable
    check_place(chosen[0].seller_country, cart.market)
    coupon = await coupon_of(read, cart, chosen[0].offer, read.now - rules.coupon_hold, offers.find_coupon)
    lines = priced(cart, chosen, coupon, currency.step)
    if not sum(line.amount.gross for line in lines):
        raise CouponRefused  # an order that costs nothing would never be paid
    return Quote(lines, coupon)


def currency_of(cart: Cart) -> Currency:
    """Return the currency of a cart; raises CurrencyNotTaken."""
    currency = CURRENCIES.get(cart.currency)
    if currency is None:
        raise CurrencyNotTaken
    return currency


async def offers_of(read: Read, cart: Cart) -> list[Article]:
    """Return the offer of each item, all of one seller; raises NotSellable, NotEligible and PriceChanged."""
    today = read.now.astimezone(ZoneInfo(ZONE)).date()
    known = await offers.articles(read, cart.tenant, cart.channel, [item.sku for item in cart.items], COUNTRY, today)
    chosen: list[Article] = []
    for item in cart.items:
        found = known.get(item.sku)
        if found is None:
            raise NotSellable
        found.offer.check(cart.market, cart.customer_type, read.now)
        found.offer.price_at(read.now, item.price, cart.currency)
        chosen.append(found)
    if len({found.offer.seller for found in chosen}) > 1:
        raise NotSellable
    return chosen


async def coupon_of(
    read: Read,
    cart: Cart,
    offer: Offer,
    held_since: datetime,
    find: Callable[[Read, str, str, str], Awaitable[Coupon | None]],
) -> Coupon | None:
    """Return the coupon that a cart names, None where it names none; raises CouponRefused and CouponUsed."""
    if cart.coupon is None:
        return None
    if offer.channel_kind == "direct":
        raise CouponRefused
    coupon = await find(read, cart.tenant, cart.channel, cart.coupon)
    if coupon is None:
        raise CouponRefused
    coupon.check(cart.channel, offer.channel_kind, read.now)
    coupon.check_uses(await offers.uses(read, cart.tenant, coupon, cart.customer_id, held_since))
    return coupon


def priced(cart: Cart, chosen: Sequence[Article], coupon: Coupon | None, step: int) -> list[Priced]:
    """Return the lines of a cart with their prices; raises NotSellable where the VAT rate of one is not known."""
    basis_points = coupon.discount_basis_points if coupon else 0
    prices = [discounted(item.price, basis_points, step) for item in cart.items]
    rates = [_rate(article) for article in chosen]
    amounts = taxed(
        [(price * item.quantity, rate) for item, price, rate in zip(cart.items, prices, rates, strict=True)]
    )
    return [Priced(*line) for line in zip(cart.items, chosen, prices, amounts, rates, strict=True)]


def _rate(article: Article) -> int:
    if article.tax_rate is None:
        raise NotSellable
    return article.tax_rate
