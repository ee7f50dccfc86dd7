"""What an order agrees: what is sold, by whom, at the price that was shown, with which terms, consents and taxes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.accounts import CustomerClaims
from contracts.currencies import TRANSFERRED, Currency
from contracts.event import SubjectKey
from contracts.orders import Consent, ConsentKind, LegalSeller, Line, PaymentMethod, Terms, Totals
from contracts.shared import CustomerType, DeliveryDays, Fulfilment, KeySource, KeysPer

from orders.domain.money import shares
from orders.domain.notice import Contact, Notice, of_order
from orders.domain.offers import Coupon, CouponRefused, NotSellable, valid
from orders.domain.payment import TotalNotPayable, TransferNotOffered
from orders.domain.rules import ZONE, Rules
from orders.domain.taxation import check_delivery, check_taxable
from orders.domain.unit import Unit
from orders.domain.withdrawal import ConsentIncomplete, deliver_from, period_end
from orders.store import consents, offers
from orders.store.offers import Article
from orders.usecases.pricing import Cart, coupon_of, currency_of, offers_of, priced


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout(Cart):
    """An order as the customer asks for it; personal texts are in clear and are sealed before anything is kept.

    `destination` are country and postal code of where boxes go.
    """

    claims: CustomerClaims
    language: str
    payment_method: PaymentMethod
    consents: Sequence[tuple[ConsentKind, str]]
    billing_address: str
    postal_code: str
    shipping_address: str
    destination: tuple[str, str]
    company: str | None = None
    vat_id: str | None = None
    purchase_number: str | None = None
    organisation_id: UUID | None = None
    terms_version: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What seller and customer agree on; `records` is the key to which the seller's records of the year are sealed."""

    seller: str
    legal: LegalSeller
    records: SubjectKey
    tax_evidence: list[str]
    terms: Terms
    consents: list[Consent]
    withdrawal_end: datetime
    coupon: Coupon | None
    lines: list[Line]
    units: list[Unit]
    totals: Totals


async def agree(tx: Tx, checkout: Checkout, rules: Rules) -> Agreement:
    """Return what is agreed if a checkout binds now.

    Raises NotSellable, NotEligible, NotDelivered, NotTaxable, EvidenceContradicts, PriceChanged, CouponRefused,
    CouponUsed, CurrencyNotTaken, TransferNotOffered, TotalNotPayable, NoticeIncomplete and ConsentIncomplete.
    """
    currency = _currency(checkout)
    chosen = await offers_of(tx, checkout)
    offer, legal, records = chosen[0].offer, chosen[0].legal, chosen[0].records
    if legal is None or records is None:
        raise NotSellable
    evidence = check_taxable(chosen[0].seller_country, checkout.market, checkout.postal_code, checkout.vat_id)
    evidence += _delivery_evidence(checkout, chosen)
    texts = await consents.current(tx, checkout.language, checkout.tenant, offer.seller)
    version, notice = _notice(checkout, chosen, legal, texts.notices)
    given = _consents(checkout, texts.shown, tx.now)
    end = period_end(tx.now, ZONE, rules.is_holiday)
    release = deliver_from(checkout.customer_type, frozenset(consent.kind for consent in given), end)
    coupon = await coupon_of(tx, checkout, offer, tx.now - rules.coupon_hold, offers.lock_coupon)
    lines, units = _lines(tx, checkout, chosen, coupon, release, currency.step)
    return Agreement(
        seller=offer.seller,
        legal=legal,
        records=records,
        tax_evidence=evidence,
        terms=Terms(
            # a shop's own terms, of which it keeps the version; otherwise those of the installation
            terms_version=checkout.terms_version or texts.shown["terms"][0],
            withdrawal_notice_version=version,
            withdrawal_notice=notice,
            button_text=texts.shown["button"][1],
        ),
        consents=given,
        withdrawal_end=end,
        coupon=coupon,
        lines=lines,
        units=units,
        totals=_totals(checkout, lines, currency),
    )


def _delivery_evidence(checkout: Checkout, chosen: Sequence[Article]) -> list[str]:
    """Return where the boxes of an order are taxed, nothing where it has none."""
    boxes = [article.offer for article in chosen if article.offer.fulfilment == Fulfilment.BOXED]
    for offer in boxes:
        offer.check_delivered(checkout.destination[0])
    return check_delivery(*checkout.destination) if boxes else []


def _currency(checkout: Checkout) -> Currency:
    currency = currency_of(checkout)
    if checkout.payment_method is PaymentMethod.TRANSFER and currency.code != TRANSFERRED:
        raise TransferNotOffered
    return currency


def _lines(
    tx: Tx, checkout: Checkout, chosen: Sequence[Article], coupon: Coupon | None, release: datetime | None, step: int
) -> tuple[list[Line], list[Unit]]:
    lines: list[Line] = []
    units: list[Unit] = []
    for one in priced(checkout, chosen, coupon, step):
        item, offer, amount = one.item, one.article.offer, one.amount
        line = Line(
            line=tx.new_id(),
            units=[tx.new_id() for _ in range(item.quantity)],
            sku=offer.sku,
            name=offer.name,
            rrp=valid(offer.rrp, tx.now, checkout.currency).amount,
            price=one.price,
            discount=item.price - one.price,
            tax_class=offer.tax_class,
            tax_rate=one.rate,
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
            delivery_days=_days(offer.delivery_days) if offer.fulfilment == Fulfilment.BOXED else None,
        )
        lines.append(line)
        for unit, share in zip(line.units, shares(amount, item.quantity), strict=True):
            units.append(Unit(unit, line.line, share, line.fulfilment))
    return lines, units


def _days(known: tuple[int, int] | None) -> DeliveryDays | None:
    return None if known is None else DeliveryDays(least=known[0], most=known[1])


def _notice(
    checkout: Checkout, chosen: Sequence[Article], legal: LegalSeller, own: Mapping[str, Notice]
) -> tuple[str, str]:
    """Return version and text of the notice of the right of withdrawal, which businesses do not have."""
    if checkout.customer_type is CustomerType.BUSINESS:
        return "", ""
    pieces: Counter[str] = Counter()
    for item, article in zip(checkout.items, chosen, strict=True):
        pieces[article.offer.fulfilment] += item.quantity
    contact = Contact(legal.legal_name, legal.address, legal.telephone or "", legal.email or "")
    return of_order(checkout.language, own, pieces, contact)


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


def _totals(checkout: Checkout, lines: Sequence[Line], currency: Currency) -> Totals:
    totals = Totals(
        net=sum(line.net for line in lines),
        tax=sum(line.tax for line in lines),
        gross=sum(line.gross for line in lines),
        currency=checkout.currency,
    )
    if not totals.gross:
        raise CouponRefused  # an order that costs nothing would never be paid
    if checkout.payment_method is PaymentMethod.CARD and not currency.charges(totals.gross):
        raise TotalNotPayable(currency.least, currency.greatest)
    return totals
