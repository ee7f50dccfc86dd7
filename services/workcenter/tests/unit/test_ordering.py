"""Tables sort and filter as one expects."""

from typing import Any

from workcenter.domain.ordering import containing, ordered
from workcenter.web.tables import Asked, Table

ROWS: list[dict[str, Any]] = [
    {"name": "beta", "gross": 900, "at": None},
    {"name": "Alpha", "gross": 10_000, "at": "2026-01-02"},
    {"name": "gamma", "gross": 50, "at": "2025-01-02"},
]


def names(rows: Any) -> list[str]:
    return [row["name"] for row in rows]


def test_texts_sort_without_regard_to_capitals_and_numbers_by_their_size():
    assert names(ordered(ROWS, "name")) == ["Alpha", "beta", "gamma"]
    assert names(ordered(ROWS, "gross")) == ["gamma", "beta", "Alpha"]
    assert names(ordered(ROWS, "gross", descending=True)) == ["Alpha", "beta", "gamma"]


def test_what_is_missing_comes_last_in_either_order():
    assert names(ordered(ROWS, "at")) == ["gamma", "Alpha", "beta"]
    assert names(ordered(ROWS, "at", descending=True)) == ["Alpha", "gamma", "beta"]


def test_each_of_the_words_is_looked_for_in_the_columns_shown_alone():
    assert names(containing(ROWS, ("name", "gross"), "ALPHA 10000")) == ["Alpha"]
    assert names(containing(ROWS, ("name",), "10000")) == []


def test_how_a_table_is_asked_for_stands_in_its_addresses():
    table = Table("/orders", {"state": "open"}, Asked("gross", True, "a b"), ROWS)
    assert table.link == "/orders?state=open&find=a+b&"
    assert table.whole == "/orders?state=open&find=a+b&sort=gross&descending=true"
    assert table.hidden == {"state": "open", "sort": "gross", "descending": "true"}
