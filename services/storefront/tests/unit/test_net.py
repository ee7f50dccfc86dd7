"""Prices without VAT in shops for businesses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from storefront.domain.net import net_of, show, sums

RATES = some.sampled_from([0, 700, 1900])
LINES = some.lists(some.tuples(some.integers(1, 10_000_000), RATES), min_size=1, max_size=12)


@pytest.mark.parametrize(("gross", "rate", "net"), [(11900, 1900, 10000), (4999, 1900, 4201), (107, 700, 100)])
def test_vat_is_taken_out_and_rounded_half_up(gross: int, rate: int, net: int):
    assert net_of(gross, rate) == net


@given(LINES)
def test_lines_and_taxes_are_the_gross_sum_to_the_cent(lines: list[tuple[int, int]]):
    found = sums(lines)
    assert sum(found.lines) == found.net
    assert found.net + sum(found.taxes.values()) == found.gross == sum(gross for gross, _ in lines)
    assert all(net <= gross for net, (gross, _) in zip(found.lines, lines, strict=True))


def test_a_price_whose_rate_is_not_known_is_shown_as_it_is():
    variants: list[dict[str, Any]] = [
        {"tax_class": name, "prices": [{"amount": 11900}]} for name in ("standard", "other")
    ]
    show([{"editions": [{"variants": variants}]}], {"standard": 1900})
    assert [variant["prices"][0].get("shown") for variant in variants] == [10000, None]
