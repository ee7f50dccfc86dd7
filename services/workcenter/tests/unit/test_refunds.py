"""What a refund takes back, before anything happens."""

from typing import Any

import pytest
from workcenter.domain.refunds import (
    Chosen,
    Refunded,
    at_places,
    chosen,
    ended_lines,
    given_back,
    merged,
    places,
    returning,
)
from workcenter.domain.serials import runs_low

ORDER: dict[str, Any] = {
    "lines": [
        {
            "line": "l1",
            "fulfilment": "download",
            "units": [
                {"unit": "a", "state": "delivered", "gross": 4999},
                {"unit": "b", "state": "refunded", "gross": 4999},
            ],
        },
        {"line": "l2", "fulfilment": "boxed", "units": [{"unit": "c", "state": "paid", "gross": 100}]},
        {"line": "l3", "fulfilment": "download", "units": [{"unit": "d", "state": "refunded", "gross": 7}]},
    ]
}


def test_what_is_chosen_is_summed():
    found = chosen(ORDER, {"a", "c"})
    assert found is not None
    assert (found.total, found.keyed) == (5099, True)
    goods = chosen(ORDER, {"c"})
    assert goods is not None
    assert (goods.total, goods.keyed) == (100, False)


@pytest.mark.parametrize("units", [set[str](), {"b"}, {"a", "b"}, {"a", "of another order"}, {"nothing"}])
def test_what_cannot_be_given_back_is_not_chosen(units: set[str]):
    assert chosen(ORDER, units) is None


def test_only_goods_that_are_sent_back_and_not_refunded_yet_are_waited_for():
    lines = [
        {"outcome": "returning", "units": ["c", "b", "of another order"]},
        {"outcome": "late", "units": ["a"]},
    ]
    assert [unit["unit"] for _, unit in returning(ORDER, [{"lines": lines}, {"lines": []}])] == ["c"]


def test_a_line_ends_when_all_of_it_is_given_back():
    assert ended_lines(ORDER) == {"l3"}
    assert given_back(ORDER) == 5006


@pytest.mark.parametrize(
    ("available", "mark", "backordered", "source", "low"),
    [
        (0, 5, 0, "generated", False),
        (0, 5, 0, "none", False),
        (0, 5, 0, "imported", True),
        (6, 5, 0, "imported", False),
        (0, 0, 0, "imported", False),
        (0, 0, 2, "imported", True),
        (0, 5, 0, "", False),
        (3, 5, 0, "", True),
    ],
)
def test_only_what_is_imported_runs_low(available: int, mark: int, backordered: int, source: str, low: bool):
    stock = {"available": available, "low_stock": mark, "backordered": backordered}
    assert runs_low(stock, source) is low


def test_a_refund_is_shown_once_with_its_reason_and_how_far_it_is():
    decided = [{"refund": "r", "amount": 100, "refunded_at": "2027-01-02", "reason": "goodwill"}]
    booked = [
        {"booking": "r", "amount": 100, "currency": "EUR", "at": "2027-01-02", "state": "open"},
        {"booking": "other", "amount": 7, "currency": "EUR", "at": "2027-01-01", "state": "done"},
    ]
    assert merged(decided, booked, "EUR") == [
        Refunded(7, "EUR", "2027-01-01", "", "done"),
        Refunded(100, "EUR", "2027-01-02", "goodwill", "open"),
    ]
    assert merged(decided, [], "EUR") == [Refunded(100, "EUR", "2027-01-02", "goodwill")]


def test_an_address_names_units_by_their_places_in_their_order():
    order: dict[str, Any] = {"lines": [{"units": [{"unit": "a"}, {"unit": "b"}]}, {"units": [{"unit": "c"}]}]}
    first, last = order["lines"]
    wanted = Chosen([(first, first["units"][0]), (last, last["units"][0])], 0)
    assert places(order, wanted) == "0x2"
    assert at_places(order, "0x2") == {"a", "c"}
    for strange in ("", "x", "0x3", "99"):
        assert at_places(order, strange) == frozenset()
