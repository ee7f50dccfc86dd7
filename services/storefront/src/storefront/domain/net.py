"""Prices without VAT, as shops for businesses show them: reckoned as orders reckons, so that both agree to the cent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# basis points: 1900 is 19 per cent
WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Sums:
    """What a cart costs: `lines` are net, `taxes` by rate; all of them are `gross` together."""

    lines: Sequence[int]
    taxes: Mapping[int, int]
    net: int
    gross: int


def net_of(gross: int, rate: int) -> int:
    """Return an amount without the VAT that is in it, rounded half up to the minor unit."""
    return (gross * 2 * WHOLE + WHOLE + rate) // (2 * (WHOLE + rate))


def sums(lines: Sequence[tuple[int, int]]) -> Sums:
    """Return what lines cost, each given as gross amount and rate.

    The VAT of all lines of a rate is reckoned together, rounded once, and shared among them, as the order will have it.
    """
    grosses: dict[int, int] = {}
    for gross, rate in lines:
        grosses[rate] = grosses.get(rate, 0) + gross
    nets = {rate: net_of(gross, rate) for rate, gross in grosses.items()}
    reached = dict.fromkeys(grosses, 0)
    shares: list[int] = []
    for gross, rate in lines:
        before = _part(nets[rate], reached[rate], grosses[rate])
        reached[rate] += gross
        shares.append(_part(nets[rate], reached[rate], grosses[rate]) - before)
    taxes = {rate: grosses[rate] - nets[rate] for rate in sorted(grosses, reverse=True)}
    return Sums(shares, taxes, sum(nets.values()), sum(grosses.values()))


def show(products: Iterable[Any], rates: Mapping[str, int]) -> None:
    """Add to each price of these products what it is without VAT, where the rate of its article is known."""
    for product in products:
        for edition in product["editions"]:
            for variant in edition["variants"]:
                rate = rates.get(variant["tax_class"])
                if rate is not None:
                    for price in variant["prices"]:
                        price["shown"] = net_of(price["amount"], rate)


def _part(net: int, gross: int, of: int) -> int:
    return net * gross // of if of else 0
