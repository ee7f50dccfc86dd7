"""A long list in leaves loses nothing, and names where the others are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storefront.domain.leaves import leaf


@given(st.integers(0, 500), st.integers(1, 60))
def test_all_leaves_together_have_all_once(count: int, size: int):
    first = leaf(range(count), 1, size)
    assert first is not None
    found: list[int] = []
    number: int | None = 1
    while number is not None:
        one = leaf(range(count), number, size)
        assert one is not None
        assert (one.number, one.last, one.total) == (number, first.last, count)
        assert one.before == (number - 1 or None)
        found += one.items
        number = one.after
    assert found == list(range(count))
    assert leaf(range(count), first.last + 1, size) is None
    assert leaf(range(count), 0, size) is None


@pytest.mark.parametrize(
    ("number", "linked"),
    [
        (1, [1, 2, None, 10]),
        (3, [1, 2, 3, 4, None, 10]),
        (4, [1, 2, 3, 4, 5, None, 10]),
        (5, [1, None, 4, 5, 6, None, 10]),
        (10, [1, None, 9, 10]),
    ],
)
def test_leaves_beside_a_leaf_are_linked_and_the_ends(number: int, linked: list[int | None]):
    found = leaf(range(100), number, 10)
    assert found is not None
    assert found.linked == linked
