"""Placing an order: what is sold, to whom, at the price that was shown, with everything agreed frozen into it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.db import Tx
from chassis.identity import seal
from contracts.accounts import CustomerClaims
from contracts.event import Sealed
from contracts.orders import Consent, ConsentKind, Line, OrderPlaced, PaymentMethod, Terms, Totals
from contracts.shared import CustomerType, Fulfilment, KeySource, KeysPer

from orders.domain.money import contained_tax, discounted, shares
from orders.domain.offers import Coupon, CouponRefused, NotSellable, Offer, valid
from orders.domain.order import Order
from orders.domain.unit import Unit
from orders.domain.withdrawal import ConsentIncomplete, deliver_from, period_end
from orders.store import consents, offers, orders
from orders.store.offers import Article
from orders.store.orders import StoredOrder

COUNTRY = "DE"
ZONE = "Europe/Berlin"


@dataclass(frozen=True, slots=True)
class Item:
    """An article, how many of it, and the gross price per unit that was shown, in minor units."""

    sku: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class Checkout:
    """An order as the customer asks for it; personal texts are in clear and are sealed before anything is kept."""

    tenant: str
    customer_id: UUID
    claims: CustomerClaims
    channel: str
    market: str
    customer_type: CustomerType
    language: str
    currency: str
    payment_method: PaymentMethod
    items: Sequence[Item]
    consents: Sequence[tuple[ConsentKind, str]]
    billing_address: str
    company: str | None = None
    vat_id: str | None = None
    purchase_number: str | None = None
    coupon: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What an installation sets: how long an order may stay unpaid, how long claims may come, and its holidays."""

    pay_within: timedelta
    claim_window: timedelta
    is_holiday: Callable[[date], bool]


async def place_order(tx: Tx, checkout: Checkout, rules: Rules) -> StoredOrder:
    """Place an order with obligation to pay, with everything agreed frozen into it, and return it.

    Raises NotSellable, NotEligible, PriceChanged, CouponRefused and ConsentIncomplete.
    """
    today = tx.now.astimezone(ZoneInfo(ZONE)).date()
    chosen = await _offers(tx, checkout, today)
    offer, legal, records = chosen[0].offer, chosen[0].legal, chosen[0].records
    if legal is None or records is None:
        raise NotSellable
    texts = await consents.current(tx, checkout.language)
    given = _consents(checkout, texts, tx.now)
    end = period_end(tx.now, ZONE, rules.is_holiday)
    release = deliver_from(checkout.customer_type, frozenset(consent.kind for consent in given), end)
    coupon = await _coupon(tx, checkout, offer)
    lines, units = _lines(tx, checkout, chosen, coupon, release)
    totals = _totals(lines, checkout.currency)
    if not totals.gross:
        raise CouponRefused  # an order that costs nothing would never be paid
    order_id = tx.new_id()

    def sealed(text: str | None, kind: str) -> Sealed | None:
        return None if text is None else seal(text, records, kind)

    placed = OrderPlaced(
        tenant=checkout.tenant,
        channel=checkout.channel,
        market=checkout.market,
        seller=offer.seller,
        order=order_id,
        order_number=f"K-{today.year}-{await orders.number(tx):06d}",
        ordered_at=tx.now,
        customer=checkout.customer_id,
        customer_type=checkout.customer_type,
        language=checkout.language,
        payment_method=checkout.payment_method,
        consents=given,
        coupon=coupon.code if coupon else None,
        seller_details=legal,
        terms=Terms(
            terms_version=texts["terms"][0],
            withdrawal_notice_version=texts["withdrawal_notice"][0],
            withdrawal_notice=texts["withdrawal_notice"][1],
            button_text=texts["button"][1],
        ),
        tax_country=COUNTRY,
        tax_evidence=[f"billing address: {checkout.market}"],
        lines=lines,
        totals=totals,
        pay_until=tx.now + rules.pay_within,
        keys=checkout.claims.keys,
        name_profile=checkout.claims.name_profile,
        email_profile=checkout.claims.email_profile,
        company_profile=seal(checkout.company, checkout.claims.keys.profile, "company") if checkout.company else None,
        name_contact=checkout.claims.name_contact,
        email_contact=checkout.claims.email_contact,
        company_records=sealed(checkout.company, "company"),
        vat_id_records=sealed(checkout.vat_id, "vat_id"),
        purchase_number_records=sealed(checkout.purchase_number, "purchase_number"),
        billing_address_records=seal(checkout.billing_address, records, "address"),
    )
    order = Order(
        tenant=checkout.tenant,
        id=order_id,
        gross=totals.gross,
        currency=totals.currency,
        withdrawal_end=end,
        claim_window=rules.claim_window,
        units=tuple(units),
    )
    stored = StoredOrder(placed, order, tuple(lines), coupon.id if coupon else None)
    await orders.add(tx, stored)
    if coupon is not None:
        await offers.use_coupon(tx, checkout.tenant, coupon.id)
    tx.publish(placed)
    return stored


async def _offers(tx: Tx, checkout: Checkout, today: date) -> list[Article]:
    skus = [item.sku for item in checkout.items]
    known = await offers.articles(tx, checkout.tenant, checkout.channel, skus, COUNTRY, today)
    chosen: list[Article] = []
    for item in checkout.items:
        found = known.get(item.sku)
        if found is None:
            raise NotSellable
        found.offer.check(checkout.market, checkout.customer_type, tx.now)
        found.offer.price_at(tx.now, item.price, checkout.currency)
        chosen.append(found)
    if len({found.offer.seller for found in chosen}) > 1:
        raise NotSellable
    return chosen


async def _coupon(tx: Tx, checkout: Checkout, offer: Offer) -> Coupon | None:
    if checkout.coupon is None:
        return None
    if offer.channel_kind == "direct":
        raise CouponRefused
    coupon = await offers.lock_coupon(tx, checkout.tenant, checkout.channel, checkout.coupon)
    if coupon is None:
        raise CouponRefused
    coupon.check(checkout.channel, offer.channel_kind, tx.now)
    return coupon


def _lines(
    tx: Tx, checkout: Checkout, chosen: Sequence[Article], coupon: Coupon | None, release: datetime | None
) -> tuple[list[Line], list[Unit]]:
    lines: list[Line] = []
    units: list[Unit] = []
    for item, article in zip(checkout.items, chosen, strict=True):
        offer, rate = article.offer, article.tax_rate
        if rate is None:
            raise NotSellable
        price = discounted(item.price, coupon.discount_basis_points if coupon else 0)
        amount = contained_tax(price * item.quantity, rate)
        line = Line(
            line=tx.new_id(),
            units=[tx.new_id() for _ in range(item.quantity)],
            sku=offer.sku,
            name=offer.name,
            rrp=valid(offer.rrp, tx.now, checkout.currency).amount,
            price=price,
            discount=item.price - price,
            tax_class=offer.tax_class,
            tax_rate=rate,
            net=amount.net,
            tax=amount.tax,
            gross=amount.gross,
            fulfilment=Fulfilment(offer.fulfilment),
            key_source=KeySource(offer.key_source),
            key_prefix=offer.key_prefix,
            keys_per=KeysPer(offer.keys_per),
            link_validity_days=offer.link_validity_days,
            download_limit=offer.download_limit,
            deliver_from=release if offer.fulfilment == Fulfilment.DOWNLOAD else None,
        )
        lines.append(line)
        for unit, share in zip(line.units, shares(amount, item.quantity), strict=True):
            units.append(Unit(unit, line.line, share, line.fulfilment))
    return lines, units


def _consents(checkout: Checkout, texts: dict[str, tuple[str, str]], now: datetime) -> list[Consent]:
    """The statements with the wording that was shown, which must be the valid one; businesses make none."""
    if checkout.customer_type is CustomerType.BUSINESS:
        return []
    given: list[Consent] = []
    for kind, version in checkout.consents:
        current = texts.get(kind)
        if current is None or current[0] != version:
            raise ConsentIncomplete
        given.append(Consent(kind=kind, text=current[1], version=version, language=checkout.language, given_at=now))
    return given


def _totals(lines: Sequence[Line], currency: str) -> Totals:
    return Totals(
        net=sum(line.net for line in lines),
        tax=sum(line.tax for line in lines),
        gross=sum(line.gross for line in lines),
        currency=currency,
    )
