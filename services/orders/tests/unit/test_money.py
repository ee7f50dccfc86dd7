from hypothesis import given
from hypothesis import strategies as st
from orders.domain.money import contained_tax, discounted, shares

AMOUNTS = st.integers(0, 10**9)
RATES = st.integers(0, 3000)


def test_nineteen_per_cent_are_taken_out_of_the_gross_price():
    assert contained_tax(21900, 1900).net == 18403
    assert contained_tax(21900, 1900).tax == 3497


@given(AMOUNTS, RATES)
def test_net_and_tax_sum_up_to_gross_and_net_is_the_nearest_minor_unit(gross: int, rate: int):
    amount = contained_tax(gross, rate)
    assert amount.net + amount.tax == gross
    assert abs(amount.net * (10_000 + rate) - gross * 10_000) * 2 <= 10_000 + rate


@given(AMOUNTS, RATES, st.integers(1, 1000))
def test_the_shares_of_the_units_sum_up_to_the_line(gross: int, rate: int, units: int):
    whole = contained_tax(gross, rate)
    parts = shares(whole, units)
    assert sum(part.net for part in parts) == whole.net
    assert sum(part.tax for part in parts) == whole.tax
    assert max(part.gross for part in parts) - min(part.gross for part in parts) <= 1


def test_ten_per_cent_off_is_rounded_to_the_nearest_minor_unit():
    assert discounted(4999, 1000) == 4499
    assert discounted(4995, 1000) == 4495


@given(AMOUNTS, st.integers(0, 20_000))
def test_a_discount_never_makes_a_price_negative(price: int, basis_points: int):
    assert 0 <= discounted(price, basis_points) <= price
