"""Stripe's wire: ids, objects, errors and the form encoding, `line_items[0][price_data][currency]=eur`."""

import re
import secrets
import string
import time
from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any, cast

from contracts.currencies import CURRENCIES, Currency

Json = dict[str, Any]

API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits
BRACKETS = re.compile(r"\[([^\]]*)\]")
MOST_METADATA = 50


class Refusal(Exception):
    """The provider refuses the call; the fields are those of its error object."""

    def __init__(self, message: str, *, status: int = 400, kind: str = "invalid_request_error",
                 code: str | None = None, param: str | None = None, kept: bool = False) -> None:  # fmt: skip
        super().__init__(message)
        self.status = status
        # Stripe saves an answer under its idempotency key once work has begun, not when the parameters are wrong.
        self.kept = kept
        error: Json = {"type": kind, "message": message}
        if code:
            error |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
        self.body: Json = {"error": error | ({"param": param} if param else {})}


def missing(param: str) -> Refusal:
    """Make the refusal of a call without a required parameter."""
    return Refusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def no_such(noun: str, key: str, *, param: str | None = None) -> Refusal:
    """Make the refusal for an unknown object: 404 if the path names it, 400 if a parameter does."""
    message = f"No such {noun}: '{key}'"
    return Refusal(message, status=400 if param else 404, code="resource_missing", param=param or "id")


def new_id(prefix: str, length: int = 24) -> str:
    """Make an unguessable id with the prefix of its kind."""
    return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(length))}"


def new_object(kind: str, key: str, nulls: str = "", **fields: Any) -> Json:
    """Make an object of a kind, created now; `nulls` names the fields that are null."""
    fields |= {"created": now(), "livemode": False, **dict.fromkeys(nulls.split())}
    return {"id": key, "object": kind, **dict(sorted(fields.items()))}


def now() -> int:
    """Return the time in whole seconds since 1970."""
    return int(time.time())


def money(amount: int, currency: str) -> str:
    """Format an amount in minor units as in the provider's messages."""
    sign = {"eur": "€", "usd": "$", "gbp": "£"}.get(currency)
    decimals = CURRENCIES[currency.upper()].decimals
    figure = f"{Decimal(amount).scaleb(-decimals):,.{decimals}f}"
    return f"{sign}{figure}" if sign else f"{figure} {currency.upper()}"


def decode(pairs: Iterable[tuple[str, str]]) -> Json:
    """Nest the pairs of a form or a query."""
    tree: Json = {}
    for name, value in pairs:
        head, bracket, _ = name.partition("[")
        steps = [head, *BRACKETS.findall(name)] if bracket else [name]
        node = tree
        for step, following in pairwise(steps):
            below = node.setdefault(step or str(len(node)), {})
            if not isinstance(below, dict):
                raise Refusal(f"Invalid {following}", param=name)
            node = cast("Json", below)
        node[steps[-1] or str(len(node))] = value
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
    """Read a whole number; None if the parameter is absent."""
    value = params.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,15}", value):
        complaint = f"Invalid integer: {value}"
    elif least is None or int(value) >= least:
        return int(value)
    elif least == 1:
        complaint = "Invalid positive integer"
    else:
        complaint = f"This value must be greater than or equal to {least}."
    raise Refusal(complaint, code="parameter_invalid_integer", param=path or name)


def text(params: Json, name: str) -> str | None:
    """Read a string; None if it is empty or absent."""
    value = params.get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal(f"Invalid string: {value}", param=name)
    return value or None


def table(params: Json, name: str) -> Json:
    """Read a nested object; empty if the parameter is absent."""
    value: Any = params.get(name) or {}
    if not isinstance(value, dict):
        raise Refusal("Invalid object", param=name)
    return cast("Json", value)


def items(params: Json, name: str) -> list[Any]:
    """Read a list; empty if the parameter is absent."""
    value: Any = params.get(name) or []
    if not isinstance(value, list):
        raise Refusal("Invalid array", param=name)
    return cast("list[Any]", value)


def metadata(params: Json) -> dict[str, str]:
    """Read metadata within the provider's limits: 50 keys of 40 characters with 500 characters each."""
    given = table(params, "metadata")
    if len(given) > MOST_METADATA:
        raise Refusal(f"Metadata can have up to {MOST_METADATA} keys, {len(given)} were given.", param="metadata")
    for key, value in given.items():
        if len(key) > 40 or not isinstance(value, str) or len(value) > 500:
            raise Refusal(
                "Metadata keys have up to 40 characters and values are strings of up to 500 characters.",
                param=f"metadata[{key[:40]}]",
            )
    return {key: value for key, value in given.items() if value}


def currency(params: Json, name: str, path: str) -> Currency:
    """Read a currency that the provider takes."""
    code = text(params, name)
    if code is None:
        raise missing(path)
    found = CURRENCIES.get(code.upper())
    if found is None:
        raise Refusal(f"Invalid currency: {code}.", param=path)
    return found


def refuse_fraction(amount: int, of: Currency, path: str) -> None:
    """Refuse an amount with a part of its currency that cannot be paid."""
    if amount % of.step:
        raise Refusal(f"Invalid integer: {amount} is no multiple of {of.step}, as {of.code} needs.",
                      code="parameter_invalid_integer", param=path)  # fmt: skip


def refuse_unknown(params: Json, names: set[str], path: str = "") -> None:
    """Refuse parameters that the call, or the part of it at `path`, does not have, and empty ones."""
    for name, value in params.items():
        param = f"{path}[{name}]" if path else name
        if name not in names and name != "expand":
            raise Refusal(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)
        if value == "":
            raise Refusal(
                f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a "
                f"parameter; however '{param}' cannot be unset.",
                code="parameter_invalid_empty",
                param=param,
            )
