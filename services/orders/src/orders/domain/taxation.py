"""Which sales can be taxed rightly: those of a German seller to somebody in Germany, with German VAT (ORD-9)."""

import re

COUNTRY = "DE"
# German places outside the territory of its VAT, by postal code: Heligoland and Büsingen (UStG 1(2))
OUTSIDE = frozenset({"27498", "78266"})
POSTAL_CODE = re.compile(r"(?:D(?:E)?-)?([0-9]{5})")
VAT_ID = re.compile(r"DE[0-9]{9}")


class NotTaxable(Exception):
    """Only sales by German sellers to Germany, without Heligoland and Büsingen, can be taxed rightly so far."""

    def __init__(self, about: str | None = None) -> None:
        super().__init__()
        self.facts = {"about": about} if about else {}


class EvidenceContradicts(Exception):
    """Country, postal code and VAT ID show where a sale is taxed, so they must all be of the same country."""

    def __init__(self, about: str) -> None:
        super().__init__()
        self.facts = {"about": about}


def check_taxable(seller_country: str, market: str, postal_code: str, vat_id: str | None) -> list[str]:
    """Return the evidence of where a sale is taxed.

    Raises NotTaxable and EvidenceContradicts, with what they are about: country, postal_code or vat_id.
    """
    check_place(seller_country, market)
    _check_code(postal_code, "postal_code")
    if vat_id is not None and not VAT_ID.fullmatch(_compact(vat_id)):
        raise EvidenceContradicts("vat_id")
    evidence = [f"billing address: {market}"]
    return evidence if vat_id is None else [*evidence, f"VAT ID: {COUNTRY}"]


def check_delivery(country: str, postal_code: str) -> list[str]:
    """Return the evidence of where boxes are taxed, which is where they are delivered (Directive 2006/112/EC, 33).

    Raises NotTaxable and EvidenceContradicts, with what they are about: shipping_country or shipping_postal_code.
    """
    if country != COUNTRY:
        raise NotTaxable("shipping_country")
    _check_code(postal_code, "shipping_postal_code")
    return [f"delivery address: {country}"]


def check_place(seller_country: str, market: str) -> None:
    """Raise NotTaxable where a seller cannot tax a sale to this country rightly."""
    if seller_country != COUNTRY:
        raise NotTaxable
    if market != COUNTRY:
        raise NotTaxable("country")


def _check_code(postal_code: str, about: str) -> None:
    """Raise EvidenceContradicts for what is no German postal code, NotTaxable for one outside the territory of VAT."""
    place = POSTAL_CODE.fullmatch(_compact(postal_code))
    if place is None:
        raise EvidenceContradicts(about)
    if place[1] in OUTSIDE:
        raise NotTaxable(about)


def _compact(text: str) -> str:
    return "".join(text.split()).upper()
