"""What stands in elements of any version's namespace."""

import contextlib
import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from contracts.bounds import YEARS

# xs:decimal, of which at most 18 digits are allowed; an amount in euro has at most two decimals that count.
AMOUNT = re.compile(r"(?=\+?\.?[0-9])\+?0*([0-9]{0,13})(?:\.([0-9]{0,2})0*)?")
CURRENCY_CODE = re.compile("[A-Z]{3}")
# What is written where a bank or a payer has no reference (SWIFT MT940 field 61, EPC115-06).
PLACEHOLDERS = frozenset({"NONREF", "NOREF", "NOTPROVIDED", "NOTAVAILABLE", "UNKNOWN", "NONE", "NA"})
# TARGET's business day and so SEPA's is Frankfurt's (ECB/2022/8); banks that write UTC mean an instant of it.
SEPA_DAY = ZoneInfo("Europe/Berlin")
Amount = tuple[int, str]


@cache
def path(steps: str) -> str:
    """Return a path that is the same in every version's namespace."""
    return "/".join(step if step in ("*", ".", "") else f"{{*}}{step}" for step in steps.split("/"))


def texts(of: Any, *paths: str) -> list[str]:
    """Return what stands in all elements at these paths, in the order of the paths, without what is empty."""
    found = [element for one in paths for element in of.iterfind(path(one))]
    return [text for element in found if (text := (element.text or "").strip())]


def text(of: Any, *paths: str) -> str | None:
    """Return the first of these."""
    return next((found for one in paths for found in texts(of, one)), None)


def compact(written: str | None) -> str:
    """Return it without blanks and in capitals."""
    return "".join((written or "").split()).upper()


def real(written: str | None) -> str | None:
    """Return a reference, None where something stands there because something has to."""
    signs = re.sub(r"[\W_]", "", written or "").upper()
    return None if not signs.strip("0") or signs in PLACEHOLDERS else written


def amount(of: Any, *paths: str, currency: str | None = None) -> Amount | None:
    """Return the first amount at these paths, or the first in this currency, in minor units, if it can be read."""
    for one in paths:
        element = of.find(path(one))
        if element is None or (currency and element.get("Ccy") != currency):
            continue
        found, code = AMOUNT.fullmatch((element.text or "").strip()), element.get("Ccy") or ""
        if found is None or not CURRENCY_CODE.fullmatch(code):
            return None
        return int(found[1] or "0") * 100 + int((found[2] or "").ljust(2, "0")), code
    return None


def day(*written: str | None) -> date | None:
    """Return the first of these that is a day or begins with one, of a year that events may name.

    A time with an offset is the bank's own, and so is its day; a time in UTC is one of SEPA's day.
    """
    for one in written:
        with contextlib.suppress(ValueError):
            if one and one.endswith("Z") and "T" in one:
                found = datetime.fromisoformat(f"{one[:19]}").replace(tzinfo=UTC).astimezone(SEPA_DAY).date()
            else:
                found = date.fromisoformat((one or "")[:10])
            if found.year in YEARS:
                return found
    return None
