"""Amounts are shown in the currency's own units, which are those in which the provider charges them."""

import pytest
from letters.clients.composing import _money  # pyright: ignore[reportPrivateUsage] -- only templates call it


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (21900, "EUR", "219,00 €"),
        (500, "JPY", "500 ¥"),
        (10000, "ISK", "100 ISK"),  # no decimals in CLDR, hundredths at the provider
        (1234, "BHD", "1,234 BHD"),
    ],
)
def test_an_amount_in_minor_units_is_shown_as_money(amount: int, currency: str, shown: str):
    assert _money(amount, currency, "de_DE").replace("\u00a0", " ") == shown
