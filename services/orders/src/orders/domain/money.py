"""Amounts are integers in minor units; rates are basis points (1900 is 19 per cent)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taxed:
    """A gross amount and what it consists of."""

    net: int
    tax: int
    gross: int

    @property
    def parts(self) -> dict[str, int]:
        """The three amounts by their names."""
        return {"net": self.net, "tax": self.tax, "gross": self.gross}


def contained_tax(gross: int, rate: int) -> Taxed:
    """Take the tax out of a gross amount, rounded half up to the minor unit (UStG 10, 12)."""
    net = (gross * 20_000 + 10_000 + rate) // (2 * (10_000 + rate))
    return Taxed(net, gross - net, gross)


def taxed(lines: Sequence[tuple[int, int]]) -> list[Taxed]:
    """Take the tax out of the lines of an order, given as gross amount and rate.

    It is the tax of all lines of a rate together, rounded once, and shared among them: however an order is cut into
    lines, it is the same, and the lines sum up to it. (EN 16931 has one tax per rate, BR-CO-17.)
    """
    wholes = {rate: contained_tax(sum(gross for gross, of in lines if of == rate), rate) for _, rate in lines}
    reached = dict.fromkeys(wholes, 0)
    found: list[Taxed] = []
    for gross, rate in lines:
        whole, before = wholes[rate], reached[rate]
        reached[rate] += gross
        net = _reached(whole, reached[rate]) - _reached(whole, before)
        found.append(Taxed(net, gross - net, gross))
    return found


def shares(whole: Taxed, units: int) -> list[Taxed]:
    """Split a line among its equal units, so that the shares sum up to the line to the minor unit."""
    return [
        Taxed(
            _part(whole.net, i, units),
            _part(whole.gross, i, units) - _part(whole.net, i, units),
            _part(whole.gross, i, units),
        )
        for i in range(units)
    ]


def discounted(price: int, basis_points: int, step: int = 1) -> int:
    """A price after a discount, which is rounded half up to multiples of `step` minor units, and never negative."""
    return max(0, price - (price * basis_points * 2 + 10_000 * step) // (20_000 * step) * step)


def _part(amount: int, index: int, count: int) -> int:
    return amount * (index + 1) // count - amount * index // count


def _reached(whole: Taxed, gross: int) -> int:
    return whole.net * gross // whole.gross if whole.gross else 0
