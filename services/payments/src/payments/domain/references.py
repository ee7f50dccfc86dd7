"""Creditor references (ISO 11649): made for an order, and found in what payers write."""

import re
from collections.abc import Iterable
from uuid import UUID

from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

BODY = 21
SHORTEST, LONGEST = 5, 25
MOST_TRIED = 200
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def reference_of(number: str, order: UUID) -> str:
    """Return the creditor reference of an order: made of its number where that fits, else of its id."""
    body = "".join(sign for sign in number.upper() if sign in DIGITS)
    return _with_check_digits(body if body and len(body) <= BODY else _short(order))


def reference_of_id(order: UUID) -> str:
    """Return the creditor reference for an order whose number gives one that is taken."""
    return _with_check_digits(_short(order))


def meant(references: Iterable[str], written: str) -> tuple[str, ...]:
    """Return the creditor references a credit may mean: those in their own field, else all that its text may hold."""
    named = tuple(dict.fromkeys(iso11649.compact(reference) for reference in references))
    valid = tuple(reference for reference in named if iso11649.is_valid(reference))
    return valid or tuple(dict.fromkeys([*named, *candidates(written)]))


def candidates(text: str) -> tuple[str, ...]:
    """Return every valid creditor reference in a text; payers break them with blanks and write on behind them."""
    joined = "".join(sign for sign in text.upper() if sign in DIGITS)
    found: list[str] = []
    for start in re.finditer("RF[0-9]{2}", joined):
        rest = joined[start.start() : start.start() + LONGEST]
        found += [rest[:end] for end in range(SHORTEST, len(rest) + 1) if iso11649.is_valid(rest[:end])]
        if len(found) > MOST_TRIED:
            break
    return tuple(dict.fromkeys(found))


def _with_check_digits(body: str) -> str:
    return f"RF{mod_97_10.calc_check_digits(f'{body}RF')}{body}"


def _short(order: UUID) -> str:
    rest, signs = order.int % len(DIGITS) ** BODY, ""
    while rest:
        rest, digit = divmod(rest, len(DIGITS))
        signs = DIGITS[digit] + signs
    return signs or "0"
