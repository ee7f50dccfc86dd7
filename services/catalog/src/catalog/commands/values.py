"""How single values of an assortment are written; a reader raises ValueError with the rest of a sentence."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from chassis.lists import whole
from contracts.currencies import CURRENCIES
from contracts.markets import TAXED

from catalog.domain.presentation import CONTACT, LONGEST_LINE
from catalog.domain.product import LONGEST_DELIVERY, DeliveryDays
from chassis import lists

CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
COUPON = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{0,62}[A-Z0-9])?")
PREFIX = re.compile(r"[A-Z0-9]{0,8}")
DAYS = re.compile(r"([0-9]{1,3})(?: ?- ?([0-9]{1,3}))?")
AMOUNT = re.compile(r"((?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,4})?)(?: ?([A-Z]{3}))?")


def text(longest: int) -> Callable[[str], str]:
    """Any words, but not none and not too many."""

    def read(value: str) -> str:
        if not 0 < len(value) <= longest:
            raise ValueError(f"must have 1 to {longest} characters")
        return value

    return read


def words(longest: int) -> Callable[[str], str]:
    """Words in one line."""
    read = text(longest)
    return lambda value: read(" ".join(re.split(r"[ \t\r\n]+", value)))


def like(pattern: re.Pattern[str], example: str) -> Callable[[str], str]:
    """A code of a form."""

    def read(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"must look like {example}")
        return value

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    """One of these words."""

    def read(value: str) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value

    return read


def number(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def read(value: str) -> int:
        found = whole(value)
        if not lowest <= found <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}")
        return found

    return read


def delivery_days(value: str) -> DeliveryDays:
    """Working days such as `2-4`, or `3`."""
    match = DAYS.fullmatch(value)
    days = DeliveryDays(int(match[1]), int(match[2] or match[1])) if match else DeliveryDays(0, 0)
    if not 1 <= days.least <= days.most <= LONGEST_DELIVERY:
        raise ValueError(f"must be working days such as 2-4, from 1 to {LONGEST_DELIVERY}")
    return days


def yes_or_no(value: str) -> bool:
    """The words true and false."""
    if value not in ("true", "false"):
        raise ValueError("must be true or false")
    return value == "true"


def currency(value: str) -> str:
    """A currency that can be paid in, by its ISO 4217 code."""
    if value not in CURRENCIES:
        raise ValueError("must be the code of a currency that can be paid in, such as EUR")
    return value


def market(value: str) -> str:
    """A country in which sales can be taxed."""
    if value not in TAXED:
        raise ValueError(f"must be a country in which sales can be taxed: {', '.join(sorted(TAXED))}")
    return value


def money(default_currency: str) -> Callable[[str], tuple[int, str]]:
    """An amount such as `219.00` or `259.00 CHF`, as minor units and currency."""

    def read(value: str) -> tuple[int, str]:
        match = AMOUNT.fullmatch(value)
        if match is None:
            raise ValueError("must be an amount above nothing, such as 219.00 or 259.00 CHF")
        code = currency(match[2] or default_currency)
        minor = Decimal(match[1]).scaleb(CURRENCIES[code].decimals)
        if minor != int(minor) or not CURRENCIES[code].prices(int(minor)):
            raise ValueError(f"must be an amount above nothing that can be paid in {code}")
        return int(minor), code

    return read


def percent(value: str) -> int:
    """A percentage of at most two decimals, as basis points."""
    if not re.fullmatch(r"(?:0|[1-9][0-9]{0,2})(?:\.[0-9]{1,2})?", value) or not 0 < Decimal(value) <= 100:
        raise ValueError("must be a percentage above 0 and up to 100, such as 10 or 12.5")
    return int(Decimal(value) * 100)


def zone(value: str) -> tzinfo:
    """A time zone by its name."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*", value):
        raise ValueError("must be a time zone, such as Europe/Berlin")
    try:
        return ZoneInfo(value)
    except (OSError, KeyError, ValueError):
        raise ValueError("must be a time zone, such as Europe/Berlin") from None


def day(value: str) -> date | None:
    """A day, such as `2029-04-10`."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a day, such as 2029-04-10") from None


def contact(value: str) -> str:
    """Whom to ask: an e-mail address, or a page."""
    if len(value) > LONGEST_LINE or not re.fullmatch(CONTACT, value):
        raise ValueError("must be an e-mail address or the address of a page, https://...")
    return value


def moment(in_zone: tzinfo) -> Callable[[str], datetime | None]:
    """A day, which begins at midnight of the file's time zone, or a moment with an offset."""
    return lambda value: lists.moment(value, in_zone)


def end(in_zone: tzinfo) -> Callable[[str], datetime | None]:
    """The first moment after a day of the file's time zone, which is the last that counts; or a moment."""
    return lambda value: lists.moment(value, in_zone, after=timedelta(days=1))
