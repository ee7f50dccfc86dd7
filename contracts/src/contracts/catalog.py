"""The events that catalog publishes."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.bounds import Amount, BasisPoints, Count, Days, Time
from contracts.event import Event, Part, Public
from contracts.shared import CustomerType, DeliveryDays, Fulfilment, KeySource, KeysPer


class ChannelKind(StrEnum):
    """The direct channel sells at exactly RRP and takes no discount; partner channels price freely (M12, M14, M17)."""

    DIRECT = "direct"
    PARTNER = "partner"


class Price(Part):
    """A gross price in minor units, valid from a moment on; later ones replace it, none is overwritten."""

    amount: Public[Amount]
    currency: Public[str]
    valid_from: Public[Time]


class Offer(Part):
    """Where a variant is sold, by whom, to whom, when and for how much."""

    channel: Public[str]
    channel_kind: Public[ChannelKind]
    seller: Public[str]
    prices: Public[list[Price]]
    sellable_from: Public[Time]
    sellable_until: Public[Time | None] = None
    markets: Public[list[str]]
    customer_types: Public[list[CustomerType]]


class DeliverySettings(Part):
    """How long a link lives and how many complete downloads it allows (CAT-9, E9).

    `delivery_days`: how long a box takes to arrive; None where nobody has named it yet, and for downloads.
    """

    link_validity_days: Public[Days] = 30
    download_limit: Public[Count] = 5
    delivery_days: Public[DeliveryDays | None] = None


class LicenseSettings(Part):
    """Where keys come from and how many there are; the prefix is for generated keys (CAT-9, E10).

    `devices`: on how many a unit's key may be active, on any number where it is None (LIC-5).
    """

    key_source: Public[KeySource] = KeySource.NONE
    key_prefix: Public[str] = ""
    low_stock: Public[Count] = 5
    keys_per: Public[KeysPer] = KeysPer.UNIT
    devices: Public[Count | None] = None


class Variant(Part):
    """What is bought: one edition in one form, known by its SKU; `rrp` is the recommended gross price."""

    sku: Public[str]
    fulfilment: Public[Fulfilment]
    rrp: Public[list[Price]]
    tax_class: Public[str]
    delivery: Public[DeliverySettings]
    license: Public[LicenseSettings]
    offers: Public[list[Offer]]


class Edition(Part):
    """A separately sellable edition of a version (M8)."""

    code: Public[str]
    name: Public[str]
    description: Public[str]
    variants: Public[list[Variant]]


_PRICE = {"amount": 21900, "currency": "EUR", "valid_from": "2026-01-01T00:00:00Z"}


class ProductPublished(Event, key="product"):
    """A version of a product family is for sale as described: its full state, replacing what was said before.

    Of prices it has those in force and those to come.
    """

    product: Public[UUID]
    family: Public[str]
    line: Public[str]
    version: Public[str]
    published_at: Public[Time]
    editions: Public[list[Edition]]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "product": "0192d3a4-0000-7000-8000-000000000201",
        "family": "Windows",
        "line": "Operating systems",
        "version": "Vista",
        "published_at": "2026-11-01T00:00:00Z",
        "editions": [
            {
                "code": "home-premium",
                "name": "Windows Vista Home Premium",
                "description": "For the home",
                "variants": [
                    {
                        "sku": "VISTA-HP-ESD",
                        "fulfilment": "download",
                        "rrp": [_PRICE],
                        "tax_class": "standard",
                        "delivery": {"link_validity_days": 30, "download_limit": 5},
                        "license": {
                            "key_source": "imported",
                            "key_prefix": "",
                            "low_stock": 5,
                            "keys_per": "unit",
                        },
                        "offers": [
                            {
                                "channel": "direct",
                                "channel_kind": "direct",
                                "seller": "kontor",
                                "prices": [_PRICE],
                                "sellable_from": "2026-01-01T00:00:00Z",
                                "sellable_until": None,
                                "markets": ["DE"],
                                "customer_types": ["consumer", "business"],
                            }
                        ],
                    }
                ],
            }
        ],
    }


class ProductWithdrawn(Event, key="product"):
    """A product is no longer for sale anywhere; orders already placed are untouched."""

    product: Public[UUID]
    withdrawn_at: Public[Time]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "product": "0192d3a4-0000-7000-8000-000000000201",
        "withdrawn_at": "2026-11-20T00:00:00Z",
    }


class CouponOffered(Event, key="coupon"):
    """A partner channel takes this coupon: so many per cent (in basis points) off each line's price (M17).

    `uses` are those of all customers together, not limited where it is None.
    """

    coupon: Public[UUID]
    code: Public[str]
    channel: Public[str]
    discount_basis_points: Public[BasisPoints]
    valid_from: Public[Time]
    valid_until: Public[Time]
    uses: Public[Count | None] = None
    uses_per_customer: Public[Count] = 1

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "coupon": "0192d3a4-0000-7000-8000-000000000202",
        "code": "NORD10",
        "channel": "nordlicht",
        "discount_basis_points": 1000,
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_until": "2027-01-01T00:00:00Z",
        "uses": 100,
        "uses_per_customer": 1,
    }
