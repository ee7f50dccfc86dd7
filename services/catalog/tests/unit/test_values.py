import pytest
from catalog.commands.values import words
from chassis_testing.names import NAMES


@pytest.mark.parametrize("script", NAMES)
def test_a_products_name_keeps_its_spelling(script: str):
    product = NAMES[script][2]
    assert words(120)(product) == product
    assert words(120)(f"{product}\n  {product}") == f"{product} {product}"
