"""Files of serials: one per line, refused whole where a line is faulty (E29, LIC-1)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from licensing.domain.keys import KeyMistyped, forms

MOST_LINES = 250_000
LONGEST = 200
SHORTEST = 6
NAMED = 100
ENDS: Final = re.compile(r"\r\n|\n|\r")
ALLOWED: Final = re.compile(r"[ -~]+")
HEADERS: Final = frozenset(
    {"serial", "serials", "serialnumber", "seriennummer", "key", "keys", "licensekey", "licencekey", "code"}
)


class FileNotText(Exception):
    """The file is not text in UTF-8."""


class FileEmpty(Exception):
    """The file holds no serial."""


class FileTooLong(Exception):
    """The file has too many lines; split it."""


class SerialsRefused(Exception):
    """Nothing was imported: lines are faulty, repeat one another, or are in stock already."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__("serials were refused")
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Serial:
    """A serial as it stands in a line, and the form by which it is known."""

    line: int
    text: str
    form: str


@dataclass(frozen=True, slots=True)
class SerialFile:
    """What a file offers: each serial once, and the numbers of the lines that repeat one."""

    serials: Sequence[Serial]
    repeated: Sequence[int]


def read(content: bytes) -> SerialFile:
    """The serials of a CSV file of one column, with or without a header; lines are counted from 1.

    Raises FileNotText, FileEmpty, FileTooLong, or SerialsRefused with the numbers of the faulty lines.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileNotText from None
    lines = ENDS.split(text)
    if len(lines) > MOST_LINES:
        raise FileTooLong
    known: dict[str, Serial] = {}
    repeated: list[int] = []
    faulty: list[dict[str, Any]] = []
    for number, raw in enumerate(lines, 1):
        line = _unquoted(raw.strip(" \t"))
        if not line or (number == 1 and _is_header(line)):
            continue
        read_or_rule = _serial(number, line)
        if isinstance(read_or_rule, str):
            faulty.append({"line": number, "rule": read_or_rule})
        elif read_or_rule.form in known:
            repeated.append(number)
        else:
            known[read_or_rule.form] = read_or_rule
    if faulty:
        raise SerialsRefused({"faulty": {"count": len(faulty), "lines": faulty[:NAMED]}})
    if not known:
        raise FileEmpty
    return SerialFile(list(known.values()), repeated)


def named(lines: Sequence[int]) -> dict[str, Any]:
    """How many lines, and the numbers of the first hundred."""
    return {"count": len(lines), "lines": list(lines[:NAMED])}


def _serial(number: int, line: str) -> Serial | str:
    """The serial of a line, or the rule it breaks."""
    if len(line) > LONGEST:
        return "too-long"
    if not ALLOWED.fullmatch(line):
        return "characters"
    if line[0] in "=+-@":  # a spreadsheet that shows the list must not run it
        return "formula"
    if any(separator in line for separator in ',;"'):
        return "more-than-one-column"
    try:
        form = forms(line)[0]
    except KeyMistyped:
        return "looks-like-a-generated-key"
    return Serial(number, line, form) if len(form) >= SHORTEST + len("serial ") else "too-short"


def _unquoted(line: str) -> str:
    return line[1:-1].strip() if len(line) > 1 and line[0] == line[-1] == '"' else line


def _is_header(line: str) -> bool:
    return re.sub(r"[ _-]", "", line.lower()) in HEADERS
