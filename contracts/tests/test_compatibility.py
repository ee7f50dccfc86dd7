"""Against the last release, nothing passes but a new event, a new optional field and better words."""

import copy
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Any, cast
from uuid import UUID

import pytest
from contracts.compatibility import changes
from contracts.event import Audience, Internal, Part, Public, Sealed, days
from contracts.schemas import Schema, schema_of
from pydantic import Field

from contracts import Event


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class FewerColours(StrEnum):
    RED = "red"


class MoreColours(StrEnum):
    RED = "red"
    BLUE = "blue"
    GREEN = "green"


class Item(Part):
    """A thing."""

    sku: Public[str]
    count: Public[int] = 1


class Thing(Part):
    """The same under another name, with better words."""

    sku: Public[str]
    count: Public[int] = 1


class RicherItem(Part):
    """The same and more."""

    sku: Public[str]
    count: Public[int] = 1
    weight: Public[int | None] = None


class GreedyItem(Part):
    """The same and more that must be there."""

    sku: Public[str]
    count: Public[int] = 1
    weight: Public[int]


class RetypedItem(Part):
    """One is of another type."""

    sku: Public[int]
    count: Public[int] = 1


class HidingItem(Part):
    """One is no longer for partners."""

    sku: Internal[str]
    count: Public[int] = 1


SOLD: dict[str, Any] = {
    "sale": Public[UUID],
    "shop": Public[UUID],
    "amount": Public[int],
    "colour": Public[Colour],
    "items": Public[list[Item]],
    "gift": (Public[Item | None], None),
    "note": (Public[str], ""),
    "buyer": Sealed,
}

BREAKING: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a removed field": ({"amount": None}, {}, "Sold.amount"),
    "a removed optional field": ({"note": None}, {}, "Sold.note"),
    "a renamed field": ({"amount": None, "price": Public[int]}, {}, "Sold.price"),
    "a retyped field": ({"amount": Public[str]}, {}, "Sold.amount"),
    "a looser type": ({"amount": Public[int | None]}, {}, "Sold.amount"),
    "a lost format": ({"shop": Public[str]}, {}, "Sold.shop"),
    "a list made single": ({"items": Public[Item]}, {}, "Sold.items"),
    "a new required field": ({"weight": Public[int]}, {}, "Sold.weight"),
    "an optional field made required": ({"note": Public[str]}, {}, "Sold.note"),
    "a required field made optional": ({"amount": (Public[int], 0)}, {}, "Sold.amount"),
    "another default": ({"note": (Public[str], "none")}, {}, "Sold.note"),
    "a new constraint": ({"amount": Annotated[int, Field(ge=0), Audience.PUBLIC]}, {}, "Sold.amount"),
    "a hidden field": ({"amount": Internal[int]}, {}, "Sold.amount"),
    "an opened box": ({"buyer": Public[str]}, {}, "Sold.buyer"),
    "a sealed field": ({"amount": Sealed}, {}, "Sold.amount"),
    "fewer values": ({"colour": Public[FewerColours]}, {}, "Sold.colour"),
    "more values": ({"colour": Public[MoreColours]}, {}, "Sold.colour"),
    "a retyped field in a list": ({"items": Public[list[RetypedItem]]}, {}, "Sold.items.sku"),
    "a new required field in a list": ({"items": Public[list[GreedyItem]]}, {}, "Sold.items.weight"),
    "a hidden field in an optional part": ({"gift": (Public[HidingItem | None], None)}, {}, "Sold.gift.sku"),
    "another key": ({}, {"key": "shop"}, "Sold"),
    "another subject": ({}, {"subject": "shop"}, "Sold"),
    "a shorter retention": ({}, {"retention": days(29)}, "Sold"),
    "a longer retention": ({}, {"retention": None}, "Sold"),
    "another speaker": ({}, {"module": "contracts.store"}, "Sold"),
    "another name": ({}, {"name": "Bought"}, "Sold"),
    "another topic": ({}, {"name": "SoldV2", "version": 2}, "Sold"),
}

HARMLESS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing": ({}, {}),
    "better words": ({}, {"words": "A thing has been sold."}),
    "a new optional field": ({"weight": (Public[int | None], None)}, {}),
    "a new optional box": ({"giver": (Sealed | None, None)}, {}),
    "a new optional field in a list": ({"items": Public[list[RicherItem]]}, {}),
    "a new optional field in an optional part": ({"gift": (Public[RicherItem | None], None)}, {}),
    "a part's new name": ({"items": Public[list[Thing]]}, {}),
}


def changed(fields: dict[str, Any]) -> dict[str, Any]:
    return {field: what for field, what in {**SOLD, **fields}.items() if what is not None}


def by_topic(*events: type[Event]) -> dict[str, Schema]:
    return {event.DECLARED.topic: schema_of(event) for event in events}


@pytest.mark.parametrize("change", BREAKING)
def test_a_change_that_breaks_readers_is_refused(declare: Any, change: str):
    fields, line, place = BREAKING[change]
    released = by_topic(declare(SOLD))

    faults = changes(released, by_topic(declare(changed(fields), **line)))

    assert place in {fault.where for fault in faults}


@pytest.mark.parametrize("change", HARMLESS)
def test_a_change_that_no_reader_notices_passes(declare: Any, change: str):
    fields, line = HARMLESS[change]
    released = by_topic(declare(SOLD))

    assert changes(released, by_topic(declare(changed(fields), **line))) == []


def test_the_order_of_fields_may_change(declare: Any):
    released = by_topic(declare(SOLD))

    assert changes(released, by_topic(declare(dict(reversed(SOLD.items()))))) == []


def test_a_new_event_may_come(declare: Any):
    released = by_topic(declare(SOLD))

    assert changes(released, released | by_topic(declare(SOLD, name="Bought"))) == []


def test_a_new_version_may_stand_beside_the_old_one(declare: Any):
    released = by_topic(declare(SOLD))

    assert changes(released, released | by_topic(declare(changed({"amount": None}), name="SoldV2", version=2))) == []


def test_every_change_is_named_at_once(declare: Any):
    released = by_topic(declare(SOLD))

    faults = changes(released, by_topic(declare(changed({"amount": None, "shop": Public[str]}), retention=days(1))))

    assert {fault.where for fault in faults} == {"Sold", "Sold.amount", "Sold.shop"}


@pytest.mark.parametrize("topic", Event.ALL)
def test_no_word_of_a_schema_can_change_or_go_unnoticed(topic: str):
    schema = schema_of(Event.ALL[topic])
    unnoticed = [path for path, damaged in _damaged(schema) if not changes({topic: schema}, {topic: damaged})]

    assert unnoticed == []


def _damaged(schema: Schema) -> Iterator[tuple[tuple[Any, ...], Schema]]:
    for path in _paths(schema, ()):
        for damage in ("gone", "other"):
            damaged: Any = copy.deepcopy(schema)
            node = damaged
            for step in path[:-1]:
                node = node[step]
            if damage == "gone":
                del node[path[-1]]
            else:
                node[path[-1]] = "something else"
            yield (*path, damage), damaged


def _paths(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Every place but words for readers, which may get better."""
    steps: Iterable[tuple[Any, Any]] = ()
    if isinstance(node, dict):
        steps = cast("dict[Any, Any]", node).items()
    elif isinstance(node, list):
        steps = enumerate(cast("list[Any]", node))
    for step, inner in steps:
        if isinstance(inner, str) and step in ("description", "title"):
            continue
        if step != "$defs" and path[-1:] != ("$defs",):
            yield (*path, step)
        yield from _paths(inner, (*path, step))
