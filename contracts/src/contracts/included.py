"""What of a part is public, as far as its class alone tells: what pydantic is to include, in one go."""

from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from contracts.event import Audience, Sealed, audience_of

Included = dict[str, Any]


class ByItsValues(Exception):
    """What is public in a part depends on its values."""


@cache
def public_fields(part: type[BaseModel]) -> tuple[str, ...]:
    """The names of the fields of a part that everybody may read."""
    return tuple(field for field in part.model_fields if audience_of(part, field) is Audience.PUBLIC)


@cache
def included(part: type[BaseModel]) -> Included:
    """What pydantic is to include of a part: its public fields and those of its parts, and no box.

    Raises ByItsValues where a field may hold a box or something else.
    """
    annotations = {field: part.model_fields[field].annotation for field in public_fields(part)}
    return {field: _of(annotation) for field, annotation in annotations.items() if annotation is not Sealed}


def _of(annotation: Any) -> Any:
    """True for all of it; raises ByItsValues for every form that is not known here."""
    origin, inner = get_origin(annotation), [kind for kind in get_args(annotation) if kind is not NoneType]
    if origin is Annotated:
        return _of(inner[0])
    if origin in (Union, UnionType) and len(inner) == 1:
        return _of(inner[0])
    if origin is list:
        shown = _of(inner[0])
        return True if shown is True else {"__all__": shown}
    if origin is dict and all(_of(kind) is True for kind in inner):
        return True
    if isinstance(annotation, type) and origin is None and annotation not in (object, Any, Sealed):
        return _of_part(annotation) if issubclass(annotation, BaseModel) else True
    raise ByItsValues


def _of_part(part: type[BaseModel]) -> Any:
    shown = included(part)
    return True if len(shown) == len(part.model_fields) and all(one is True for one in shown.values()) else shown
