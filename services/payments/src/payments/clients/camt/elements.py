"""What stands in elements of any version's namespace.

Elements are read once into nodes, which know what is below them by name: a search of the parser's tree for each of some
twenty paths of an entry took longer than all the rest of reading it.
"""

import hashlib
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any, Self
from zoneinfo import ZoneInfo

from contracts.bounds import YEARS
from lxml import etree

from payments.domain.statements import StatementUnreadable

# xs:decimal, of which at most 18 digits are allowed; an amount in euro has at most two decimals that count.
AMOUNT = re.compile(r"(?=\+?\.?[0-9])\+?0*([0-9]{0,13})(?:\.([0-9]{0,2})0*)?")
LONGEST_AMOUNT, LONGEST_TIME, MOST_ATTRIBUTES = 100, 40, 50
CURRENCY_CODE = re.compile("[A-Z]{3}")
# What is written where a bank or a payer has no reference (SWIFT MT940 field 61, EPC115-06).
PLACEHOLDERS = frozenset({"NONREF", "NOREF", "NOTPROVIDED", "NOTAVAILABLE", "UNKNOWN", "NONE", "NA"})
# TARGET's business day and so SEPA's is Frankfurt's (ECB/2022/8); banks that write UTC mean an instant of it.
SEPA_DAY = ZoneInfo("Europe/Berlin")
Amount = tuple[int, str]


LEAF: dict[str, "list[Node]"] = {}


@dataclass(slots=True)
class Node:
    """An element, what stands in it without the blanks around it, and the nodes below it by their names."""

    element: Any
    text: str
    below: dict[str, "list[Node]"]

    @classmethod
    def of(cls, element: Any, without: Container[str] = ()) -> Self:
        """Read an element with all that is below it, but for its own children of these names."""
        below: dict[str, list[Node]] = {}
        for child in element:
            name = _local(child.tag)
            if name in without:
                continue
            node = Node.of(child) if len(child) else Node(child, (child.text or "").strip(), LEAF)
            if name in below:
                below[name].append(node)
            else:
                below[name] = [node]
        return cls(element, (element.text or "").strip(), below)

    def all(self, steps: str) -> "list[Node]":
        """Return the nodes at a path, in the order of the document; `*` is any name."""
        found: list[Node] = [self]
        for step in _steps(steps):
            if len(found) == 1 and step != "*":
                found = found[0].below.get(step, [])
            else:
                found = [child for node in found for child in (node if step == "*" else node.below.get(step, ()))]
            if not found:
                return []
        return found

    def __iter__(self) -> "Iterator[Node]":
        return (node for named in self.below.values() for node in named)


def _local(tag: str) -> str:
    """Return the name of a tag without its namespace."""
    return tag.rpartition("}")[2]


@cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))


@cache
def path(steps: str) -> str:
    """Return a path of the parser's that is the same in every version's namespace."""
    return "/".join(f"{{*}}{step}" for step in steps.split("/"))


def texts(of: Node, *paths: str) -> list[str]:
    """Return what stands in all elements at these paths, in the order of the paths, without what is empty."""
    return [node.text for one in paths for node in of.all(one) if node.text]


def text(of: Node, *paths: str) -> str | None:
    """Return the first of these."""
    for one in paths:
        for node in of.all(one):
            if node.text:
                return node.text
    return None


def compact(written: str | None) -> str:
    """Return it without blanks and in capitals."""
    return "".join((written or "").split()).upper()


def real(written: str | None) -> str | None:
    """Return a reference, None where something stands there because something has to."""
    signs = re.sub(r"[\W_]", "", written or "").upper()
    return None if not signs.strip("0") or signs in PLACEHOLDERS else written


def amount(of: Node, *paths: str, currency: str | None = None) -> Amount | None:
    """Return the first amount at these paths, or the first in this currency, in minor units, if it can be read."""
    for one in paths:
        node = next(iter(of.all(one)), None)
        if node is None or (currency and node.element.get("Ccy") != currency):
            continue
        found = AMOUNT.fullmatch(node.text) if len(node.text) <= LONGEST_AMOUNT else None
        code = node.element.get("Ccy") or ""
        if found is None or not CURRENCY_CODE.fullmatch(code):
            return None
        return int(found[1] or "0") * 100 + int((found[2] or "").ljust(2, "0")), code
    return None


def day(*written: str | None) -> date | None:
    """Return the first of these that is a day or begins with one, of a year that events may name.

    A time with an offset is the bank's own, and so is its day; a time in UTC is one of SEPA's day.
    """
    return next((found for one in written if one and (found := _day(one[:LONGEST_TIME]))), None)


@lru_cache(maxsize=1024)
def _day(written: str) -> date | None:
    try:
        if written.endswith("Z") and "T" in written:
            found = datetime.fromisoformat(written[:19]).replace(tzinfo=UTC).astimezone(SEPA_DAY).date()
        else:
            found = date.fromisoformat(written[:10])
    except (ValueError, OverflowError):  # the last hour of the last year is none of SEPA's day
        return None
    return found if found.year in YEARS else None


def digest(of: Any) -> bytes:
    """Return the SHA-256 of all that an element says: names, attributes in any order, texts, whatever the prefixes.

    Not of canonical XML: that knows no relative names of namespaces, and takes hours over thousands of them. Raises
    StatementUnreadable where there are more attributes than anything there has: lxml's time grows with their square.
    """
    made = hashlib.sha256()
    for event, one in etree.iterwalk(of, events=("start", "end")):
        if len(one.keys()) > MOST_ATTRIBUTES:
            raise StatementUnreadable("too-many-attributes")
        says = (one.tag, sorted(one.items()), one.text) if event == "start" else (one is not of and one.tail)
        made.update(repr(says).encode())
    return made.digest()
