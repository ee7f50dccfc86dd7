"""What articles are called on orders and in letters: the edition, and never without its product."""

import pytest
from orders.domain.offers import article_name


@pytest.mark.parametrize(
    ("family", "version", "edition", "editions", "name"),
    [
        ("Kontor Office", "3", "Professional", 2, "Kontor Office – Professional"),
        ("Kontor Office", "3", "Standard", 1, "Kontor Office 3 – Standard"),
        ("Windows", "Vista", "Windows Vista Business", 3, "Windows Vista Business"),
        ("Works", "9", "works 9", 1, "works 9"),
        ("Office", "2007", "Word 2007", 4, "Office – Word 2007"),
    ],
)
def test_an_edition_is_named_with_its_product(family: str, version: str, edition: str, editions: int, name: str):
    assert article_name(family, version, edition, editions) == name
