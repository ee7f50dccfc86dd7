"""To which addresses customers may be sent from the provider's page."""

from datetime import timedelta

import pytest
from payments.domain.provider import CheckoutRules

RULES = CheckoutRules(
    "https://shop.example",
    frozenset({"https://shop.example", "http://127.0.0.1:8100", "https://*.shops.example:8443"}),
    timedelta(),
)


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.example",
        "https://SHOP.example/orders/1?a=b#c",
        "http://127.0.0.1:8100/orders/1",
        "https://north.shops.example:8443/orders/1",
    ],
)
def test_pages_of_the_shops_are_home(address: str):
    assert RULES.leads_home(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://shop.example/",
        "https://shop.example.evil.example/",
        "https://shop.example:444/",
        "https://shop.example@evil.example/",
        "https://evil.example\\@north.shops.example:8443/",
        "https://evil.example#@north.shops.example:8443/",
        "https://north.shops.example/",
        "https://shops.example:8443/",
        "https://a.b.shops.example:8443/",
        "https://*.shops.example:8443/",
        "https://.shops.example:8443/",
        "javascript:alert(1)",
        "//shop.example/",
    ],
)
def test_nothing_else_is(address: str):
    assert not RULES.leads_home(address)
