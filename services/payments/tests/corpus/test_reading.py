"""The corpus is read as it is described, and nothing is paid wrongly (PAY-6)."""

import pytest

from .description import corpus
from .judge import Shop, by_a_person, expected, written, wrongly_paid

LEAST = 0.99


@pytest.mark.parametrize("name", corpus())
def test_each_entry_is_what_is_described_of_it(name: str):  # PAY-6
    example = corpus()[name]
    shop = Shop(example)
    for at, content in enumerate(written(example)):
        assert shop.read(content) == expected(example, at), (at, content.decode("utf-8", "replace"))
    assert wrongly_paid(shop) == []


def test_ninety_nine_of_a_hundred_that_a_person_would_match_are_matched():  # PAY-6
    by_person = matched = 0
    for example in corpus().values():
        shop = Shop(example)
        for content in written(example):
            shop.read(content)
        by_person += by_a_person(example)
        matched += len(shop.paid)
    print(f"{matched} of {by_person} payments are matched: {matched / by_person:.2%}")  # noqa: T201 -- PAY-6's figure
    assert len(corpus()) >= 60
    assert matched / by_person >= LEAST
