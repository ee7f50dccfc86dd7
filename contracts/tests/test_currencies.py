import pytest
from contracts.currencies import CURRENCIES, TRANSFERRED


@pytest.mark.parametrize(
    ("code", "decimals", "fits", "fits_not"),
    [
        ("EUR", 2, 1, 100_000_000),
        ("RSD", 2, 12_345, 0),
        ("JPY", 0, 500, -500),
        ("ISK", 2, 500, 501),
        ("UGX", 2, 500, 550),
        ("KWD", 3, 5_120, 5_124),
        ("IDR", 2, 999_999_999_999, 1_000_000_000_000),
    ],
)
def test_F_P11_minor_units_are_those_of_the_provider(code: str, decimals: int, fits: int, fits_not: int):
    currency = CURRENCIES[code]
    assert currency.decimals == decimals
    assert (currency.prices(fits), currency.prices(fits_not)) == (True, False)


def test_F_P11_a_charge_is_no_less_and_no_more_than_the_provider_takes():
    euro = CURRENCIES[TRANSFERRED]
    assert [euro.charges(amount) for amount in (49, 50, 99_999_999, 100_000_000)] == [False, True, True, False]
    assert [CURRENCIES["HUF"].charges(amount) for amount in (17_499, 17_500)] == [False, True]


@pytest.mark.parametrize("code", ["DEM", "BGN", "ANG", "XXX", "XAU", "eur", "ABC", ""])
def test_F_P11_what_is_no_currency_of_today_is_none(code: str):
    assert code not in CURRENCIES
