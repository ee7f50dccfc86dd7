"""What a reader refuses, the schema refuses: numbers that no column holds, times of no year of ours, broken rules."""

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, cast

import pytest
from contracts.__main__ import HERE
from contracts.rewards import PointsAccrued
from contracts.schemas import schema_of
from contracts.shared import MEETING_RULE, MeetingLogged
from jsonschema import Draft202012Validator

from contracts import ContractViolation, Event, decode

OUT_OF_BOUNDS: dict[type, tuple[Any, ...]] = {
    int: (-1, 2**53, 10**30),
    datetime: ("1970-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "1790000000"),
}
Path = tuple[str | int, ...]


@cache
def example_of(event: type[Event]) -> dict[str, Any]:
    return json.loads((HERE / "rendered" / "examples" / f"{event.DECLARED.topic}.json").read_bytes())


def kind_of(value: Any) -> type | None:
    if isinstance(value, str) and len(value) > 18 and value[10:11] == "T":
        return datetime
    return int if type(value) is int else None


def bounded(value: Any, path: Path = ()) -> Iterator[tuple[Path, type]]:
    """Yield where an example has a number or a time."""
    if isinstance(value, dict):
        for name, inner in cast("dict[str, Any]", value).items():
            yield from bounded(inner, (*path, name))
    elif isinstance(value, list):
        for position, inner in enumerate(cast("list[Any]", value)):
            yield from bounded(inner, (*path, position))
    elif (kind := kind_of(value)) is not None:
        yield path, kind


def changed(example: Any, path: Path, value: Any) -> Any:
    found = whole = copy.deepcopy(example)
    for step in path[:-1]:
        found = found[step]
    found[path[-1]] = value
    return whole


def takes(event: type[Event], value: Any) -> tuple[bool, bool]:
    """Return whether schema and reader take a value."""
    valid: Any = Draft202012Validator(schema_of(event))
    try:
        decode(event.DECLARED.topic, json.dumps(value).encode())
    except ContractViolation:
        return valid.is_valid(value), False
    return valid.is_valid(value), True


@pytest.mark.parametrize("event", Event.ALL.values(), ids=Event.ALL)
def test_what_is_out_of_bounds_schema_and_reader_refuse(event: type[Event]):
    for path, kind in bounded(example_of(event)):
        for value in OUT_OF_BOUNDS[kind]:
            assert takes(event, changed(example_of(event), path, value)) == (False, False), (path, value)


def test_the_greatest_number_that_the_schema_states_is_taken():
    assert takes(PointsAccrued, {**example_of(PointsAccrued), "points": 2**31 - 1}) == (True, True)
    assert takes(PointsAccrued, {**example_of(PointsAccrued), "points": 2**31}) == (False, False)


def test_a_meeting_that_ends_before_it_begins_is_none():
    example = example_of(MeetingLogged)
    for ended_at in ("2026-11-02T08:59:59Z", example["started_at"]):
        with pytest.raises(ContractViolation, match=r"^MeetingLogged: the value is wrong \(meeting_rule\)$"):
            decode("MeetingLogged", json.dumps({**example, "ended_at": ended_at}).encode())
    assert schema_of(MeetingLogged)["x-rules"] == [MEETING_RULE]
