"""The event by which posted boxes are known, and who carries them."""

import re
from enum import StrEnum
from typing import ClassVar, Final
from uuid import UUID

from contracts.bounds import Time
from contracts.event import Event, Internal, Part, Sealed, days
from contracts.examples import BOXES, LINE, SALE


class Carrier(StrEnum):
    """Who carries boxes; of others nothing is known but that they do."""

    DHL = "dhl"
    DPD = "dpd"
    GLS = "gls"
    HERMES = "hermes"
    UPS = "ups"
    OTHER = "other"


class TrackingMalformed(ValueError):
    """This is no tracking number of that carrier."""


# how carriers number: letters and digits alone, so that a number can be written into an address and a header
NUMBERS: Final = {
    Carrier.DHL: re.compile(r"[A-Z0-9]{10,34}"),
    Carrier.DPD: re.compile(r"[0-9]{14}[0-9A-Z]?"),
    Carrier.GLS: re.compile(r"[A-Z0-9]{8,14}"),
    Carrier.HERMES: re.compile(r"H?[0-9]{14,20}"),
    Carrier.UPS: re.compile(r"1Z[A-Z0-9]{16}"),
    Carrier.OTHER: re.compile(r"[A-Z0-9]{4,40}"),
}
PAGES: Final = {
    Carrier.DHL: "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={number}",
    Carrier.DPD: "https://tracking.dpd.de/status/de_DE/parcel/{number}",
    Carrier.GLS: "https://gls-group.com/DE/de/paketverfolgung/?match={number}",
    Carrier.HERMES: "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{number}",
    Carrier.UPS: "https://www.ups.com/track?tracknum={number}",
}


def tracking_number(carrier: Carrier, text: str) -> str:
    """Return a number as its carrier writes it, without blanks and hyphens; raises TrackingMalformed."""
    number = re.sub(r"[ -]", "", text).upper()
    if not number.isascii() or NUMBERS[carrier].fullmatch(number) is None:
        raise TrackingMalformed
    return number


def tracking_page(carrier: Carrier, number: str) -> str | None:
    """Return where a carrier shows where a box is; None of one that we do not know, or for what is no number."""
    page = PAGES.get(carrier)
    try:
        return page and page.format(number=tracking_number(carrier, number))
    except TrackingMalformed:
        return None


class ShippedLine(Part):
    """Units of one line that were posted."""

    line: Internal[UUID]
    name: Internal[str]
    units: Internal[list[UUID]]


class OrderShipped(Event, key="order", subject="shipment", retention=days(90), published_by="orders"):
    """Staff has posted boxes of an order; its customer is written to, with the number by which they find the parcel."""

    order: Internal[UUID]
    shipment: Internal[UUID]
    customer: Internal[UUID]
    channel: Internal[str]
    seller: Internal[str]
    order_number: Internal[str]
    language: Internal[str]
    shipped_at: Internal[Time]
    lines: Internal[list[ShippedLine]]
    carrier: Internal[Carrier | None] = None
    tracking: Sealed | None = None
    name_contact: Sealed
    email_contact: Sealed

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "order": SALE["order"],
        "shipment": "0192d3a4-0000-7000-8000-000000000307",
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "channel": "direct",
        "seller": "kontor",
        "order_number": SALE["order_number"],
        "language": "de",
        "shipped_at": "2026-11-05T09:00:00Z",
        "lines": [{"line": LINE["line"], "name": LINE["name"], "units": LINE["units"]}],
        "carrier": "dhl",
        "tracking": None,
        "name_contact": BOXES["name_contact"],
        "email_contact": BOXES["email_contact"],
    }
