"""Amounts, moments and sizes as people read them in their language."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, format_percent
from contracts.currencies import CURRENCIES
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

LOCALES = {"de": "de_DE", "en": "en_GB"}


def locale_of(language: str) -> str:
    """Return how dates and numbers are written in a language: the day comes first in both."""
    return LOCALES.get(language, language)


def money(amount: int, currency: str, language: str) -> str:
    """Return an amount in minor units as people write it."""
    return format_currency(Decimal(amount).scaleb(-CURRENCIES[currency].decimals), currency, locale=locale_of(language))


def plain(amount: int, currency: str) -> str:
    """Return an amount in minor units for machines, such as 219.00."""
    return f"{Decimal(amount).scaleb(-CURRENCIES[currency].decimals):f}"


def size(count: int, language: str) -> str:
    """Return a number of bytes, roughly, in powers of ten (IEC 80000-13)."""
    value, unit = float(count), "Bytes"
    for unit in ("Bytes", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{format_decimal(value, '#,##0' if unit == 'Bytes' else '#,##0.0', locale=locale_of(language))} {unit}"


def moment_of(value: datetime | str) -> datetime:
    """Return a moment that a service has named (RFC 3339)."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def install(environment: Environment, zone: ZoneInfo) -> None:
    """Let templates write `amount | money(currency)`, and `day`, `calendar`, `moment`, `size`, `number`, `rate` alike.

    `plain` writes an amount for machines, with a point.
    """

    @pass_context
    def _money(context: Context, amount: int, currency: str) -> str:
        return money(amount, currency, context["language"])

    @pass_context
    def _size(context: Context, count: int) -> str:
        return size(count, context["language"])

    @pass_context
    def _day(context: Context, value: datetime | str) -> str:
        return format_date(moment_of(value).astimezone(zone), "long", locale=locale_of(context["language"]))

    @pass_context
    def _calendar(context: Context, value: date | str) -> str:
        found = value if isinstance(value, date) else date.fromisoformat(value)
        return format_date(found, "long", locale=locale_of(context["language"]))

    @pass_context
    def _moment(context: Context, value: datetime | str) -> str:
        local, locale = moment_of(value).astimezone(zone), locale_of(context["language"])
        return f"{format_date(local, 'medium', locale=locale)}, {format_time(local, 'short', locale=locale)}"

    @pass_context
    def _number(context: Context, value: float) -> str:
        return format_decimal(value, locale=locale_of(context["language"]))

    @pass_context
    def _rate(context: Context, points: int) -> str:
        return format_percent(Decimal(points) / 10_000, "#,##0.## %", locale=locale_of(context["language"]))

    filters: dict[str, Any] = environment.filters
    filters |= {
        "plain": plain,
        "calendar": _calendar,
        "money": _money,
        "size": _size,
        "day": _day,
        "moment": _moment,
        "number": _number,
        "rate": _rate,
    }
