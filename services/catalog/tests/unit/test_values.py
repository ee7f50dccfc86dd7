import pytest
from catalog.commands.values import delivery_days, money, number, percent, words, yes_or_no
from catalog.domain.product import DeliveryDays
from chassis_testing.names import NAMES


@pytest.mark.parametrize("script", NAMES)
def test_a_products_name_keeps_its_spelling(script: str):
    product = NAMES[script][2]
    assert words(120)(product) == product
    assert words(120)(f"{product}\n  {product}") == f"{product} {product}"


@pytest.mark.parametrize(
    "written", ["0123", "1_000", "12:30", "1e3", "0x1F", "1.000,00", "+5", "yes", "on", "NO", "１０"]
)
def test_what_yaml_guesses_to_be_a_number_is_none(written: str):
    for read in (money("EUR"), number(0, 9999), percent, yes_or_no):
        with pytest.raises(ValueError, match="must be"):
            read(written)


@pytest.mark.parametrize(("written", "least", "most"), [("2-4", 2, 4), ("1 - 90", 1, 90), ("3", 3, 3)])
def test_working_days_are_a_range_or_a_number(written: str, least: int, most: int):
    assert delivery_days(written) == DeliveryDays(least, most)


@pytest.mark.parametrize("written", ["4-2", "0-2", "2-91", "0", "soon", "", "-3", "2-4-6", "2-", "1.5"])
def test_days_that_no_parcel_takes_are_refused(written: str):
    with pytest.raises(ValueError, match="must be working days"):
        delivery_days(written)
