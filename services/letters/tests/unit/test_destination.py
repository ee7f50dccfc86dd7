import json
from typing import Any

import pytest
from letters.clients.destination import address_lines, arrives

ADDRESS = {"name": "Max\r\nMuster", "street": "Am Kai 3", "postal_code": "20457", "city": "Hamburg", "country": "DE"}


def test_each_part_of_an_address_is_a_line_and_what_is_not_there_is_none():
    assert address_lines(json.dumps(ADDRESS), "de") == ["Max Muster", "Am Kai 3", "20457 Hamburg", "Deutschland"]
    more = ADDRESS | {"company": "Muster GmbH", "extra": "2. Stock", "country": "XX"}
    assert address_lines(json.dumps(more), "en") == [
        "Max Muster",
        "Muster GmbH",
        "2. Stock",
        "Am Kai 3",
        "20457 Hamburg",
        "XX",
    ]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((2, 4), "arrives {'least': 2, 'most': 4}"),
        ((3, 3), "arrives_in {'days': 3}"),
        ((1, 1), "arrives_in_one {'days': 1}"),
        (None, "arrives_unnamed {}"),
    ],
)
def test_how_long_boxes_take_is_a_sentence_of_its_own(days: tuple[int, int] | None, words: str):
    def phrase(entry: str, **values: Any) -> str:
        return f"{entry} {values}"

    assert arrives(phrase, days) == words
