"""Puts whole objects where ids stand, as the `expand` parameter asks."""

from typing import Any, cast

from . import session as sessions
from .provider import Provider
from .refusal import Refusal
from .shapes import Json

PREFIXES = {
    "ch": "charge", "cs": "checkout.session", "cus": "customer", "du": "dispute", "pi": "payment_intent",
    "pm": "payment_method", "re": "refund",
}  # fmt: skip
DEEPEST = 4


def expand(provider: Provider, thing: Json, params: Json) -> Json:
    """Answers the object with every path of `expand` followed."""
    asked: Any = params.get("expand") or []
    if not isinstance(asked, list):
        raise Refusal("Invalid array", param="expand")
    for path in cast("list[Any]", asked):
        steps = str(path).split(".")
        if len(steps) > DEEPEST:
            raise Refusal(f"You cannot expand more than {DEEPEST} levels of a property.", param="expand")
        thing = _follow(provider, thing, steps, str(path))
    return thing


def _follow(provider: Provider, thing: Json, steps: list[str], path: str) -> Json:
    if not steps:
        return thing
    step, rest = steps[0], steps[1:]
    if thing.get("object") == "list" and step == "data":
        return {**thing, "data": [_follow(provider, row, rest, path) for row in thing["data"]]}
    if thing.get("object") == sessions.KIND and step == "line_items":
        return {**thing, step: sessions.line_items(provider, thing)}
    if thing.get("object") == "charge" and step == "refunds":
        return {**thing, step: _refunds(provider, thing)}
    value = thing.get(step)
    if isinstance(value, str) and (kind := PREFIXES.get(value.split("_")[0])):
        value = provider.state.get(kind, value)
    elif value is not None and not isinstance(value, dict):
        raise Refusal(f"This property cannot be expanded ({path}).", param="expand")
    if value is None:
        if step not in thing:
            raise Refusal(f"This property cannot be expanded ({path}).", param="expand")
        return thing
    return {**thing, step: _follow(provider, cast("Json", value), rest, path)}


def _refunds(provider: Provider, charge: Json) -> Json:
    rows = [refund for refund in provider.state.all("refund") if refund["charge"] == charge["id"]]
    return {"object": "list", "data": rows[::-1], "has_more": False, "url": f"/v1/charges/{charge['id']}/refunds"}
