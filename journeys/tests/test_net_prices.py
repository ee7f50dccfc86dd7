"""What a shop for businesses shows without VAT is to the cent what orders makes of the same cart."""

from hypothesis import given
from hypothesis import strategies as some
from orders.domain.money import taxed
from storefront.domain.net import sums

RATES = some.sampled_from([0, 700, 1900])
UNITS = some.tuples(some.integers(1, 1_000_000), some.integers(1, 1000), RATES)


@given(some.lists(UNITS, min_size=1, max_size=12))
def test_shop_and_order_agree_with_any_quantities_and_rates(cart: list[tuple[int, int, int]]):
    lines = [(price * quantity, rate) for price, quantity, rate in cart]
    order, shown = taxed(lines), sums(lines)
    assert [line.net for line in order] == list(shown.lines)
    assert sum(line.tax for line in order) == sum(shown.taxes.values())
    assert sum(line.gross for line in order) == shown.gross
