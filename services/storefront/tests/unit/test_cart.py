"""The cart that a browser keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from storefront.domain.cart import MOST_LINES, MOST_PIECES, Cart

SKUS = some.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)


@given(some.dictionaries(SKUS, some.integers(1, MOST_PIECES), max_size=MOST_LINES))
def test_a_cart_comes_back_as_it_was(lines: dict[str, int]):
    cart = Cart(lines)
    assert Cart.read(cart.text) == cart
    assert cart.text.isascii()
    assert not set(cart.text) & set(' ",;\\')  # as cookies may be written (RFC 6265, 4.1.1)


@given(some.text())
def test_whatever_a_browser_sends_is_a_cart(text: str):
    cart = Cart.read(text)
    assert all(0 < count <= MOST_PIECES for count in cart.lines.values())


def test_articles_are_put_in_changed_and_taken_out():
    cart = Cart().put("A", 1).put("B", 2).put("A", 3)
    assert (cart.lines, cart.pieces) == ({"A": 4, "B": 2}, 6)
    assert cart.set("A", 0).lines == {"B": 2}
    assert cart.set("A", MOST_PIECES + 1).lines["A"] == MOST_PIECES
    assert cart.put("A", -9).lines == {"B": 2}


def test_a_full_cart_takes_no_other_article():
    cart = Cart({f"A{number}": 1 for number in range(MOST_LINES)})
    assert cart.put("B", 1) == cart
    assert cart.put("A0", 1).lines["A0"] == 2


@pytest.mark.parametrize("text", ["A~0", "A~-1", "A~", "~1", "A~1.5", "A B~1", "A~10000", "a" * 65 + "~1"])
def test_what_is_malformed_is_not_in_it(text: str):
    assert Cart.read(text) == Cart()
