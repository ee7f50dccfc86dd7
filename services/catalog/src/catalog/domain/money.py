"""Prices: integers in minor units, gross, valid from a moment on, never overwritten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.domain.errors import PriceBackdated, PriceTaken


@dataclass(frozen=True, slots=True)
class Price:
    """A gross price in minor units of an ISO 4217 currency, valid from a moment until the next one begins."""

    amount: int
    currency: str
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class WantedPrice:
    """A price somebody wants; without a date it is to be valid from now on."""

    amount: int
    currency: str
    valid_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """The lowest and the highest price in a currency (CAT-2)."""

    currency: str
    lowest: int
    highest: int


Series = tuple[Price, ...]


def valid(series: Sequence[Price], currency: str, at: datetime) -> Price | None:
    """The price in force at a moment: the latest of its currency that has begun."""
    begun = [price for price in series if price.currency == currency and price.valid_from <= at]
    return max(begun, key=lambda price: price.valid_from, default=None)


def current(series: Sequence[Price], at: datetime) -> Series:
    """The prices in force at a moment, one per currency."""
    if len(series) == 1:
        return tuple(series) if series[0].valid_from <= at else ()
    latest: dict[str, Price] = {}
    for price in series:
        if price.valid_from <= at:
            known = latest.get(price.currency)
            if known is None or known.valid_from < price.valid_from:
                latest[price.currency] = price
    return tuple(latest[currency] for currency in sorted(latest))


def lasting(series: Series, since: datetime) -> Series:
    """The prices that are in force at a moment or begin later."""
    return tuple(price for price in series if price.valid_from > since or price == valid(series, price.currency, since))


def ranges(prices: Iterable[Price]) -> tuple[Range, ...]:
    """The range of prices in each currency."""
    amounts: dict[str, list[int]] = {}
    for price in prices:
        amounts.setdefault(price.currency, []).append(price.amount)
    return tuple(Range(currency, min(found), max(found)) for currency, found in sorted(amounts.items()))


def extended(recorded: Series, wanted: Iterable[WantedPrice], now: datetime) -> Series:
    """The series with further prices; one that is recorded already, or without a date in force already, adds nothing.

    Raises `PriceTaken` where another amount stands at that very moment, and `PriceBackdated` where a price would
    change what was in force before `now`.
    """
    series = recorded
    for price in sorted(wanted, key=lambda price: price.valid_from or now):
        before = valid(recorded, price.currency, now)
        if price.valid_from is not None or before is None or before.amount != price.amount:
            series = _with(series, Price(price.amount, price.currency, price.valid_from or now), recorded, now)
    return series


def _with(series: Series, price: Price, recorded: Series, now: datetime) -> Series:
    same = next((known for known in series if _place(known) == _place(price)), None)
    if same is not None:
        if same.amount != price.amount:
            raise PriceTaken
        return series
    before = valid(series, price.currency, price.valid_from)
    changes = before is None or before.amount != price.amount
    if changes and price.valid_from < now and valid(recorded, price.currency, now) is not None:
        raise PriceBackdated
    return tuple(sorted((*series, price), key=_place))


def _place(price: Price) -> tuple[str, datetime]:
    return price.currency, price.valid_from
