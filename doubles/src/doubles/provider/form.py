"""Reads the wire's form encoding: `line_items[0][price_data][currency]=eur`."""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, cast

from .refusal import Refusal
from .shapes import Json

BRACKETS = re.compile(r"\[([^\]]*)\]")
MOST_METADATA = 50


def decode(pairs: Iterable[tuple[str, str]]) -> Json:
    """Nests the pairs of a form or a query."""
    tree: Json = {}
    for name, value in pairs:
        head, bracket, _ = name.partition("[")
        steps = [head, *BRACKETS.findall(name)] if bracket else [name]
        place = tree
        for step, following in pairwise(steps):
            below = place.setdefault(step or str(len(place)), {})
            if not isinstance(below, dict):
                raise Refusal(f"Invalid {following}", param=name)
            place = cast("Json", below)
        place[steps[-1] or str(len(place))] = value
    return {name: _lists(name, value) for name, value in tree.items()}


def _lists(name: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(key, below) for key, below in cast("Json", value).items()}
    # A key of metadata may be a number and is still a key.
    if name != "metadata" and inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def integer(params: Json, name: str, *, least: int | None = None, path: str | None = None) -> int | None:
    """Reads a whole number, or nothing where the parameter is absent."""
    text = params.get(name)
    if text is None:
        return None
    param = path or name
    if not isinstance(text, str) or not re.fullmatch(r"-?\d{1,15}", text):
        raise Refusal(f"Invalid integer: {text}", code="parameter_invalid_integer", param=param)
    number = int(text)
    if least is not None and number < least:
        complaint = (
            "This value must be greater than or equal to {}." if least != 1 else "Invalid positive integer"
        ).format(least)
        raise Refusal(complaint, code="parameter_invalid_integer", param=param)
    return number


def text(params: Json, name: str) -> str | None:
    """Reads a string; the empty one unsets and counts as absent."""
    value = params.get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal(f"Invalid string: {value}", param=name)
    return value or None


def table(params: Json, name: str) -> Json:
    """Reads a nested object, empty where the parameter is absent."""
    value = params.get(name)
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise Refusal("Invalid object", param=name)
    return cast("Json", value)


def rows(params: Json, name: str) -> list[Json]:
    """Reads a list of nested objects."""
    value = params.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in cast("list[Any]", value)):
        raise Refusal("Invalid array", param=name)
    return cast("list[Json]", value)


def metadata(params: Json, name: str = "metadata") -> dict[str, str]:
    """Reads metadata within the provider's limits: 50 keys of 40 characters with 500 characters each."""
    given = table(params, name)
    if len(given) > MOST_METADATA:
        raise Refusal(f"Metadata can have up to {MOST_METADATA} keys, {len(given)} were given.", param=name)
    for key, value in given.items():
        if len(key) > 40 or not isinstance(value, str) or len(value) > 500:
            raise Refusal(
                "Metadata keys have up to 40 characters and values are strings of up to 500 characters.",
                param=f"{name}[{key[:40]}]",
            )
    return {key: value for key, value in given.items() if value}


def known(params: Json, names: set[str]) -> None:
    """Refuses parameters that the call does not have."""
    for name in params:
        if name not in names and name != "expand":
            raise Refusal(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
