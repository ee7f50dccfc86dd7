"""The events that orders publishes."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.bounds import Amount, BasisPoints, Count, Days, Time
from contracts.event import Internal, Part, Public, Sealed, days
from contracts.examples import BOXES, LINE, RECORDS, SALE, SELLER
from contracts.shared import CustomerKeys, CustomerType, DeliveryDays, Fulfilment, KeySource, KeysPer, SaleEvent


class PaymentMethod(StrEnum):
    """How an order is to be paid (M19, M20)."""

    CARD = "card"
    TRANSFER = "transfer"


class ConsentKind(StrEnum):
    """The two statements of BGB 356(5) that a consumer makes for immediate delivery (ORD-7)."""

    IMMEDIATE_DELIVERY = "immediate_delivery"
    WITHDRAWAL_LOST = "withdrawal_lost"


class Consent(Part):
    """A statement as it was shown and made."""

    kind: Public[ConsentKind]
    text: Public[str]
    version: Public[str]
    language: Public[str]
    given_at: Public[Time]


class LegalSeller(Part):
    """The seller as printed on the order."""

    legal_name: Public[str]
    address: Public[str]
    vat_id: Public[str]
    email: Public[str | None] = None
    telephone: Public[str | None] = None


class Terms(Part):
    """The versions of the texts under which the order was placed, and the words on the button."""

    terms_version: Public[str]
    withdrawal_notice_version: Public[str]
    withdrawal_notice: Public[str]
    button_text: Public[str]


class Line(Part):
    """A frozen order line; amounts are minor units for all its units, `price` is gross per unit after discount.

    `tax_rate` and discounts are basis points; `deliver_from` is None where delivery follows payment at once. A purchase
    that shares one key (`keys_per`) is this line. `delivery_days` is how long its boxes take to arrive, where named.
    """

    line: Public[UUID]
    units: Public[list[UUID]]
    sku: Public[str]
    name: Public[str]
    rrp: Public[Amount]
    price: Public[Amount]
    discount: Public[Amount]
    tax_class: Public[str]
    tax_rate: Public[BasisPoints]
    net: Public[Amount]
    tax: Public[Amount]
    gross: Public[Amount]
    fulfilment: Public[Fulfilment]
    key_source: Public[KeySource]
    key_prefix: Public[str] = ""
    link_validity_days: Public[Days]
    download_limit: Public[Count]
    deliver_from: Public[Time | None] = None
    keys_per: Public[KeysPer] = KeysPer.UNIT
    delivery_days: Public[DeliveryDays | None] = None


class Totals(Part):
    """The sums of an order in minor units of `currency`."""

    net: Public[Amount]
    tax: Public[Amount]
    gross: Public[Amount]
    currency: Public[str]


class RefundedUnit(Part):
    """One unit that goes back, with its share of the line in minor units."""

    unit: Public[UUID]
    line: Public[UUID]
    net: Public[Amount]
    tax: Public[Amount]
    gross: Public[Amount]


class RefundReason(StrEnum):
    """Why units were refunded."""

    GOODWILL = "goodwill"
    WITHDRAWAL = "withdrawal"
    DEFECT = "defect"
    PROVIDER = "provider"


class CancelReason(StrEnum):
    """Why units were cancelled."""

    UNPAID = "unpaid"
    CUSTOMER = "customer"
    STAFF = "staff"


_CONSENT = {
    "kind": "immediate_delivery",
    "text": "Bitte liefern Sie sofort.",
    "version": "2026-06",
    "language": "de",
    "given_at": "2026-11-02T09:00:00Z",
}


class OrderPlaced(SaleEvent, key="order", retention=days(90)):
    """A customer has ordered with obligation to pay; everything that was agreed is frozen here (ORD-3).

    It belongs to the `organisation` for which the customer acted, if they did for one. Its boxes go to
    `shipping_address_contact`.
    """

    customer: Internal[UUID]
    organisation: Internal[UUID | None] = None
    customer_type: Public[CustomerType]
    language: Public[str]
    payment_method: Public[PaymentMethod]
    consents: Public[list[Consent]]
    coupon: Public[str | None] = None
    seller_details: Public[LegalSeller]
    terms: Public[Terms]
    tax_country: Public[str]
    tax_evidence: Public[list[str]]
    lines: Public[list[Line]]
    totals: Public[Totals]
    pay_until: Public[Time]
    keys: Internal[CustomerKeys]
    name_profile: Sealed
    email_profile: Sealed
    company_profile: Sealed | None = None
    name_contact: Sealed
    email_contact: Sealed
    company_records: Sealed | None = None
    vat_id_records: Sealed | None = None
    purchase_number_records: Sealed | None = None
    billing_address_records: Sealed
    shipping_address_contact: Sealed | None = None

    EXAMPLE: ClassVar = {
        **SALE,
        **BOXES,
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "organisation": None,
        "customer_type": "consumer",
        "language": "de",
        "payment_method": "card",
        "consents": [_CONSENT],
        "coupon": None,
        "seller_details": SELLER,
        "terms": {
            "terms_version": "2026-06",
            "withdrawal_notice_version": "2026-06",
            "withdrawal_notice": "Widerrufsbelehrung ...",
            "button_text": "zahlungspflichtig bestellen",
        },
        "tax_country": "DE",
        "tax_evidence": ["billing address: DE"],
        "lines": [LINE],
        "totals": {"net": 18403, "tax": 3497, "gross": 21900, "currency": "EUR"},
        "pay_until": "2026-11-16T09:00:00Z",
        "company_records": None,
        "vat_id_records": None,
        "purchase_number_records": None,
        "billing_address_records": {"key": RECORDS, "kind": "address", "box": "AAAA"},
        "shipping_address_contact": None,
    }


class OrderPaid(SaleEvent, key="order", retention=days(90)):
    """The money for these units is in: `lines` name the units newly covered and repeat what delivering them needs.

    It may repeat, and an order paid in parts says it once a part. `consents` are those made later (ORD-7).
    """

    customer: Internal[UUID]
    organisation: Internal[UUID | None] = None
    customer_type: Public[CustomerType]
    language: Public[str]
    payment_method: Public[PaymentMethod]
    paid_at: Public[Time]
    lines: Public[list[Line]]
    totals: Public[Totals]
    keys: Internal[CustomerKeys]
    name_profile: Sealed
    email_profile: Sealed
    company_profile: Sealed | None = None
    name_contact: Sealed
    email_contact: Sealed
    consents: Public[list[Consent] | None] = None

    EXAMPLE: ClassVar = {
        **SALE,
        **BOXES,
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "organisation": None,
        "customer_type": "consumer",
        "language": "de",
        "payment_method": "card",
        "consents": [_CONSENT],
        "paid_at": "2026-11-02T09:01:00Z",
        "lines": [LINE],
        "totals": {"net": 18403, "tax": 3497, "gross": 21900, "currency": "EUR"},
    }


class DeliveryReleased(SaleEvent, key="order", retention=days(90)):
    """These lines may be delivered from this moment on; of several moments the earliest wins.

    `consents` are the customer's statements that released them, which the delivery's e-mail confirms (ORD-7).
    """

    lines: Public[list[UUID]]
    deliver_from: Public[Time]
    consents: Public[list[Consent] | None] = None

    EXAMPLE: ClassVar = {
        **SALE,
        "lines": [LINE["line"]],
        "deliver_from": "2026-11-03T09:00:00Z",
        "consents": [_CONSENT],
    }


class OrderCancelled(SaleEvent, key="order", retention=days(90)):
    """These units will not be paid and what they held is free again."""

    units: Public[list[UUID]]
    reason: Public[CancelReason]
    cancelled_at: Public[Time]

    EXAMPLE: ClassVar = {
        **SALE,
        "units": LINE["units"],
        "reason": "unpaid",
        "cancelled_at": "2026-11-16T09:00:00Z",
    }


class OrderRefunded(SaleEvent, key="order", subject="refund", retention=days(90)):
    """These units are taken back and their money is owed to the customer; a provider's own refund is already paid."""

    refund: Public[UUID]
    customer: Internal[UUID]
    units: Public[list[RefundedUnit]]
    reason: Public[RefundReason]
    amount: Public[Amount]
    currency: Public[str]
    refunded_at: Public[Time]

    EXAMPLE: ClassVar = {
        **SALE,
        "refund": "0192d3a4-0000-7000-8000-000000000304",
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "units": [{"unit": LINE["units"][0], "line": LINE["line"], "net": 18403, "tax": 3497, "gross": 21900}],
        "reason": "goodwill",
        "amount": 21900,
        "currency": "EUR",
        "refunded_at": "2026-11-05T09:00:00Z",
    }


class OrderClosed(SaleEvent, key="order", retention=days(90)):
    """Nothing of this order is outstanding; its customer may have to be reached until `contact_until`."""

    customer: Internal[UUID]
    closed_at: Public[Time]
    contact_until: Public[Time]

    EXAMPLE: ClassVar = {
        **SALE,
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "closed_at": "2026-11-02T09:01:02Z",
        "contact_until": "2026-12-02T09:01:02Z",
    }
