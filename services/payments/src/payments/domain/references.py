"""Creditor references (ISO 11649) and numbers of orders: made for an order, and found in what payers write."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

BODY = 21
SHORTEST, LONGEST = 5, 25
MOST_TRIED = 200
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
OTHERS = re.compile("[^0-9A-Z]+")
BEGINNING = re.compile("RF[0-9OIL]{2}")
LIKE_DIGITS = str.maketrans("OIL", "011")
# A word of few letters, then digits in any grouping, as a payer copies K-2026-000123 and a bank breaks it.
NUMBER = re.compile(r"(?<![A-Z0-9])([A-Z]{1,6})[\W_]{0,3}([0-9]+(?:[\W_]{1,3}[0-9]+){0,6})(?![A-Z0-9])")
ZEROS = re.compile("(?<=[1-9])0+(?=[1-9])")
DIGIT_RUN = re.compile("[0-9]+")
FEWEST_DIGITS = 6
# The shortest line into which banks cut a text (SWIFT MT940 field 86); what ends with a longer text may be cut off.
SHORTEST_LINE = 27
YEAR_AND_COUNT = 2
DIGITS_FOLLOW = re.compile(r"[\W_]{0,3}[0-9]")


def reference_of(number: str, order: UUID) -> str:
    """Return the creditor reference of an order: made of its number where that fits, else of its id."""
    body = compact_number(number)
    return _with_check_digits(body if body and len(body) <= BODY else _short(order))


def reference_of_id(order: UUID) -> str:
    """Return the creditor reference for an order whose number gives one that is taken."""
    return _with_check_digits(_short(order))


@dataclass(frozen=True, slots=True)
class Wording:
    """What a credit says of the order that it is for.

    `structured` is what stands where a creditor reference is meant to stand, `named` what is valid of it, `candidates`
    are the references that other texts may hold, `numbers` what in those may be an order's number, `shortened` what may
    be one without its leading zeros.
    """

    structured: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    shortened: tuple[str, ...] = ()

    @classmethod
    def of(cls, structured: Sequence[str], written: Sequence[str]) -> Self:
        """Read it; texts that do not belong together are not read on from one into the next."""
        named = [found for reference in structured for found in _readings(iso11649.compact(reference))]
        texts = (*structured, *written)
        numbered = [text for text in texts if DIGIT_RUN.search(text)]
        readings = _each(candidates, texts), _each(numbers, numbered), _each(shortened, numbered)
        return cls(tuple(structured), tuple(dict.fromkeys(named)), *readings)

    @property
    def references(self) -> tuple[str, ...]:
        """All references that it may mean."""
        return (*self.named, *self.candidates)


def candidates(text: str) -> tuple[str, ...]:
    """Return every valid creditor reference in a text; payers break them with blanks and write on behind them."""
    joined = OTHERS.sub("", text.upper())
    found: list[str] = []
    for start in BEGINNING.finditer(joined):
        rest = joined[start.start() : start.start() + LONGEST]
        found += [one for end in range(SHORTEST, len(rest) + 1) for one in _readings(rest[:end])]
        if len(found) > MOST_TRIED:
            break
    return tuple(dict.fromkeys(found))


def numbers(text: str) -> tuple[str, ...]:
    """Return all that may be an order's number in a text, as `compact_number` writes it: letters, then digits."""
    found: list[str] = []
    for match in NUMBER.finditer(text.upper()):
        digits = DIGIT_RUN.findall(match[2])
        found += [match[1] + "".join(digits[:count]) for count in range(1, len(digits) + 1)]
        if len(found) > MOST_TRIED:
            break
    return tuple(dict.fromkeys(one for one in found if len(one) >= FEWEST_DIGITS))


def shortened(text: str) -> tuple[str, ...]:
    """Return all that may be an order's number without its leading zeros: letters and digits, as `numbers` has them.

    The rest of one that a bank has cut would be another order's: it is one only where no digits can follow.
    """
    found: list[str] = []
    text = text.upper().rstrip()
    for match in NUMBER.finditer(text):
        digits = DIGIT_RUN.findall(match[2])
        cut = match.end() == len(text) >= SHORTEST_LINE or DIGITS_FOLLOW.match(text, match.end())
        if len(digits) <= YEAR_AND_COUNT and not cut:
            found.append(match[1] + "".join(digits))
        if len(found) > MOST_TRIED:
            break
    return tuple(dict.fromkeys(one for one in found if len(one) >= FEWEST_DIGITS))


def similar(texts: Iterable[str]) -> tuple[str, ...]:
    """Return short numbers of orders that texts may mean: some of the zeros are missing, or more may be.

    A digit may be missing instead: what is found so is proposed to staff and pays nothing.
    """
    found: list[str] = []
    for match in (match for text in texts for match in NUMBER.finditer(text.upper())):
        digits = DIGIT_RUN.findall(match[2])
        for written in ("".join(digits[:count]) for count in range(1, len(digits) + 1)):
            if len(written) <= BODY:
                runs = [(zeros.start(), end) for zeros in ZEROS.finditer(written) for end in _ends(zeros)]
                found += [match[1] + one for one in (written, *(written[:at] + written[end:] for at, end in runs))]
        if len(found) > MOST_TRIED:
            break
    return tuple(dict.fromkeys(one for one in found if len(one) >= FEWEST_DIGITS))


def compact_number(number: str) -> str:
    """Return an order's number without what payers leave out: blanks, hyphens, case."""
    return OTHERS.sub("", number.upper())


def _ends(zeros: re.Match[str]) -> range:
    """Return where the first zeros of a run may end: the year before them may end with one."""
    return range(zeros.start() + 1, zeros.end() + 1)


def _each(reader: Callable[[str], tuple[str, ...]], texts: Sequence[str]) -> tuple[str, ...]:
    if len(texts) == 1:
        return reader(texts[0])
    return tuple(dict.fromkeys(found for text in texts for found in reader(text)))


def _readings(written: str) -> list[str]:
    """Return what is valid of a reference as written and with digits where a letter was taken for one."""
    return [one for one in dict.fromkeys((written, written.translate(LIKE_DIGITS))) if iso11649.is_valid(one)]


def _with_check_digits(body: str) -> str:
    return f"RF{mod_97_10.calc_check_digits(f'{body}RF')}{body}"


def _short(order: UUID) -> str:
    rest, signs = order.int % len(DIGITS) ** BODY, ""
    while rest:
        rest, digit = divmod(rest, len(DIGITS))
        signs = DIGITS[digit] + signs
    return signs or "0"
