"""Lists, newest first, with the wire's cursors."""

from typing import Any

from . import form
from .provider import Provider
from .refusal import Refusal
from .shapes import Json

PAGE = {"limit", "starting_after", "ending_before", "created"}
COMPARE = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}


def listing(provider: Provider, kind: str, url: str, params: Json, filters: set[str]) -> Json:
    """Answers one page of the objects of a kind that the filters leave."""
    form.known(params, PAGE | filters)
    rows = [
        thing
        for thing in reversed(provider.state.all(kind))
        if not thing.get("deleted") and all(_fits(thing, name, params.get(name)) for name in filters)
    ]
    return page([thing for thing in rows if _in_time(thing["created"], params.get("created"))], url, params)


def page(rows: list[Json], url: str, params: Json) -> Json:
    """Cuts the page that the cursors ask for out of rows, newest first."""
    limit = form.integer(params, "limit", least=1) or 10
    if limit > 100:
        raise Refusal("This value must be less than or equal to 100.", code="parameter_invalid_integer", param="limit")
    more = False
    if after := form.text(params, "starting_after"):
        rows = rows[_place(rows, after, "starting_after") + 1 :]
        rows, more = rows[:limit], len(rows) > limit
    elif before := form.text(params, "ending_before"):
        rows = rows[: _place(rows, before, "ending_before")]
        rows, more = rows[-limit:], len(rows) > limit
    else:
        rows, more = rows[:limit], len(rows) > limit
    return {"object": "list", "data": rows, "has_more": more, "url": url}


def _place(rows: list[Json], key: str, param: str) -> int:
    for place, row in enumerate(rows):
        if row["id"] == key:
            return place
    raise Refusal(f"No such object: '{key}'", code="resource_missing", param=param)


def _fits(thing: Json, name: str, asked: Any) -> bool:
    if asked is None or asked == "":
        return True
    if name == "types":
        return thing["type"] in asked
    if name == "type" and isinstance(asked, str) and asked.endswith(".*"):
        return thing["type"].startswith(asked[:-1])
    return thing.get(name) == asked


def _in_time(created: int, asked: Any) -> bool:
    if asked is None or asked == "":
        return True
    if isinstance(asked, str):
        return created == form.integer({"created": asked}, "created")
    bounds = form.table({"created": asked}, "created")
    if wrong := [name for name in bounds if name not in COMPARE]:
        raise Refusal(f"Received unknown parameter: created[{wrong[0]}]", code="parameter_unknown", param="created")
    return all(COMPARE[name](created, form.integer(bounds, name) or 0) for name in bounds)
