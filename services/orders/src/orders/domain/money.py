"""Amounts are integers in minor units; rates are basis points (1900 is 19 per cent)."""

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


def discounted(price: int, basis_points: int) -> int:
    """A price after a discount, rounded half up to the minor unit and never negative."""
    return max(0, price - (price * basis_points * 2 + 10_000) // 20_000)


def _part(amount: int, index: int, count: int) -> int:
    return amount * (index + 1) // count - amount * index // count
