"""The rule against the last release: a new event, a new optional field and better words pass, nothing else does."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

import orjson

from contracts.faults import Fault
from contracts.schemas import Schema

_WORDS: Final = frozenset({"description", "title"})
# Under these keywords stand values, not schemas: a key in them is never a keyword.
_VALUES: Final = frozenset({"const", "default", "enum"})
_REMEDY: Final = "Declare the changed event as a version=2 beside it, and publish both until the last reader moved"


def changes(released: Mapping[str, Schema], current: Mapping[str, Schema]) -> list[Fault]:
    """Return what would break a reader of the last release, per event and path."""
    faults: list[Fault] = []
    for topic, schema in released.items():
        if topic not in current:
            faults.append(Fault(topic, "the event is gone", "Keep declaring it until its topic is no longer read"))
            continue
        found = _differences(_inlined(schema), _inlined(current[topic]), topic)
        faults += [Fault(where, what, _REMEDY) for where, what in found]
    return faults


def _differences(was: Any, now: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(was, dict) and isinstance(now, dict):
        yield from _keywords(cast("Schema", was), cast("Schema", now), path)
    elif isinstance(was, list) and isinstance(now, list) and len(cast("list[Any]", was)) == len(cast("list[Any]", now)):
        for before, after in zip(cast("list[Any]", was), cast("list[Any]", now), strict=True):
            yield from _differences(before, after, path)
    elif _text(was) != _text(now):
        yield path, f"{_text(was)} has become {_text(now)}"


def _keywords(was: Schema, now: Schema, path: str) -> Iterator[tuple[str, str]]:
    for word in sorted((was.keys() | now.keys()) - _WORDS):
        if word == "properties":
            yield from _fields(was.get(word, {}), now.get(word, {}), path)
        elif word == "required":
            yield from _required(was, now, path)
        elif word not in now:
            yield path, f"{word} {_text(was[word])} is gone"
        elif word not in was:
            yield path, f"{word} {_text(now[word])} is new"
        elif word in _VALUES or not isinstance(was[word], dict | list):
            if _text(was[word]) != _text(now[word]):
                yield path, f"{word} {_text(was[word])} has become {_text(now[word])}"
        else:
            yield from _differences(was[word], now[word], path)


def _fields(was: Schema, now: Schema, path: str) -> Iterator[tuple[str, str]]:
    for field, schema in was.items():
        if field in now:
            yield from _differences(schema, now[field], f"{path}.{field}")
        else:
            yield f"{path}.{field}", "the field is gone"


def _required(was: Schema, now: Schema, path: str) -> Iterator[tuple[str, str]]:
    before, after = set(was.get("required", ())), set(now.get("required", ()))
    for field in sorted(after - before):
        new = field not in was.get("properties", {})
        yield f"{path}.{field}", "the field is new and has no default" if new else "the field was optional"
    for field in sorted(before - after):
        if field in now.get("properties", {}):
            yield f"{path}.{field}", "the field was required"


def _inlined(schema: Schema) -> Schema:
    """The schema without `$defs`, so that a part's new name is no change while its new shape is."""
    body = {word: value for word, value in schema.items() if word != "$defs"}
    return cast("Schema", _expanded(body, schema.get("$defs", {}), ()))


def _expanded(node: Any, definitions: Schema, inside: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_expanded(inner, definitions, inside) for inner in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    words = cast("Schema", node)
    name = str(words.get("$ref", "")).removeprefix("#/$defs/")
    if name not in definitions or name in inside:
        return {word: _expanded(value, definitions, inside) for word, value in words.items()}
    target = _expanded(definitions[name], definitions, (*inside, name))
    return {
        **target,
        **{word: _expanded(value, definitions, inside) for word, value in words.items() if word != "$ref"},
    }


def _text(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
