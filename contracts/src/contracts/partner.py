"""What partners may see of an event."""

from collections.abc import Iterable
from functools import cache
from typing import cast

from contracts.event import Audience, Event, Part, Sealed, audience_of


def partner_view(event: Event) -> dict[str, object]:
    """The `Public` fields of an event and of its parts in the form of the wire; a box never, whatever its marking."""
    return _view(event, event.model_dump(mode="json"))


def _view(part: Part, dumped: dict[str, object]) -> dict[str, object]:
    return {
        field: _shown(value, dumped[field])
        for field in _public_fields(type(part))
        if not isinstance(value := getattr(part, field), Sealed)
    }


def _shown(value: object, dumped: object) -> object:
    if isinstance(value, Part):
        return _view(value, cast("dict[str, object]", dumped))
    if isinstance(value, list | tuple | set | frozenset):
        pairs = zip(cast("Iterable[object]", value), cast("list[object]", dumped), strict=True)
        return [_shown(inner, seen) for inner, seen in pairs if not isinstance(inner, Sealed)]
    if isinstance(value, dict):
        pairs = zip(
            cast("dict[object, object]", value).values(), cast("dict[str, object]", dumped).items(), strict=True
        )
        return {name: _shown(inner, seen) for inner, (name, seen) in pairs if not isinstance(inner, Sealed)}
    return dumped


@cache
def _public_fields(part: type[Part]) -> tuple[str, ...]:
    return tuple(field for field in part.model_fields if audience_of(part, field) is Audience.PUBLIC)
