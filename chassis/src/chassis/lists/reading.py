"""Reading a list of what is one to a line: each entry once, and what is wrong with which line."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from chassis.lists import table
from chassis.lists.typed import cleaned

NAMED = 100
ALLOWED: Final = re.compile(r"[ -~]+")
# 4.50936E+15: the digits behind these are lost
SCIENTIFIC: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+E[+-]?|E[+-])[0-9]+", re.IGNORECASE)
# a spreadsheet keeps this many digits of a number and writes zeros for the others
DIGITS_KEPT = 15
GROUP: Final = re.compile(r"[A-Za-z0-9]+")
TOTALS: Final = re.compile(r"(?:total|sum|summe|gesamt|insgesamt|anzahl|count|ende|end|eof)\b[\W_0-9]*", re.IGNORECASE)
FEW = 3


class FileEmpty(Exception):
    """The file holds no entry."""


class FileTooLong(Exception):
    """The file has too many lines; split it."""


class EntryRefused(Exception):
    """An entry breaks a rule of its kind, which `rule` names."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Kind:
    """What a list holds: its headings in small letters without blanks, how long an entry and the file may be.

    `form` returns by what an entry is the same as another, or raises EntryRefused.
    """

    headings: frozenset[str]
    form: Callable[[str], str]
    shortest: int
    longest: int
    most_lines: int


@dataclass(frozen=True, slots=True)
class Options:
    """What its sender says of a list: where the entries stand, and what is to be taken though it would be refused.

    `column` is a heading or a number, for a file of several columns. `take_unlike`: what is unlike all others is
    meant. `skip_duplicates`: what repeats an entry or is known is left out.
    """

    column: str | None = None
    take_unlike: bool = False
    skip_duplicates: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is written, its line, counted from 1, and the form by which it is known."""

    line: int
    text: str
    form: str


@dataclass(slots=True)
class Reading:
    """What was read: each entry once, and the lines that are not taken as they are, each with its reason.

    `faulty` lines are never taken; those in `unlike` are among the entries and want somebody's word that they are
    meant; `repeated` lines hold what an earlier one has; `left_out` are headings and remarks.
    """

    entries: list[Entry] = field(default_factory=list[Entry])
    faulty: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    unlike: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    repeated: list[int] = field(default_factory=list[int])
    left_out: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def refused(self, options: Options, known: Sequence[int] = ()) -> bool:
        """Return whether nothing is taken, where the entries in the `known` lines were taken before."""
        duplicates = bool(self.repeated or known) and not options.skip_duplicates
        return bool(self.faulty) or (bool(self.unlike) and not options.take_unlike) or duplicates

    def facts(self) -> dict[str, Any]:
        """Return how many lines there are of each sort, and the first hundred of them, but nothing that they hold."""
        reasons = {"faulty": self.faulty, "unlike": self.unlike, "left_out": self.left_out}
        named = {name: [{"line": line, "rule": rule} for line, rule in lines] for name, lines in reasons.items()}
        return {name: counted(lines) for name, lines in named.items()} | {"repeated": counted(self.repeated)}


def counted(lines: Sequence[Any]) -> dict[str, Any]:
    """Return how many lines there are, and the first hundred."""
    return {"count": len(lines), "lines": list(lines[:NAMED])}


def read_list(content: bytes, kind: Kind, options: Options = Options()) -> Reading:
    """Read a list in any of the forms in which people and spreadsheets write one.

    In a file of several columns the entries stand in that whose heading is of the kind, unless the options name
    another. Raises FileNotText, FileEmpty or FileTooLong; what is wrong with a line is in the reading.
    """
    lines = table.lines_of(table.decode(content))
    if len(lines) > kind.most_lines:
        raise FileTooLong
    reading, column = Reading(), options.column
    known: dict[str, int] = {}
    at = int(column) - 1 if column is not None and column.isdecimal() and int(column) else None
    first = True
    for number, cells in table.rows(lines):
        if table.is_comment(cells[0]):
            reading.left_out.append((number, "comment"))
            continue
        if first:
            first = False
            found = _columns(cells, kind, column)
            at = found[0] if at is None and len(found) == 1 else at
            if found:
                reading.left_out.append((number, "heading"))
                continue
            if column is not None and at is None:
                reading.faulty.append((number, "no-such-column"))
                break
        try:
            entry = _entry(number, cells, kind, at)
        except EntryRefused as refused:
            reading.faulty.append((number, refused.rule))
            continue
        if known.setdefault(entry.form, number) != number:
            reading.repeated.append(number)
        else:
            reading.entries.append(entry)
    if not reading.entries and not reading.faulty:
        raise FileEmpty
    reading.unlike = _unlike(reading.entries, kind)
    return reading


def _columns(cells: list[str], kind: Kind, column: str | None) -> list[int]:
    """Return the columns whose heading is the one that is asked for, or else one of the kind."""
    headings = kind.headings if column is None or column.isdecimal() else {_words(column)}
    return [at for at, text in enumerate(cells) if _words(text) in headings]


def _entry(number: int, cells: list[str], kind: Kind, at: int | None) -> Entry:
    if at is None and len(cells) > 1:
        raise EntryRefused("scientific-notation" if SCIENTIFIC.fullmatch(",".join(cells)) else "more-than-one-column")
    text = cells[at or 0] if (at or 0) < len(cells) else ""
    if not text:
        raise EntryRefused("empty")
    if len(text) > kind.longest:
        raise EntryRefused("too-long")
    text = cleaned(text)
    if not text or not ALLOWED.fullmatch(text):
        raise EntryRefused("characters")
    if SCIENTIFIC.fullmatch(text):
        raise EntryRefused("scientific-notation")
    if table.ERROR.fullmatch(text):
        raise EntryRefused("spreadsheet-error")
    if text[0] in "=+-@":  # a spreadsheet that shows the list must not run it
        raise EntryRefused("formula")
    if any(sign in text for sign in table.SEPARATORS):
        raise EntryRefused("more-than-one-column")
    if '"' in text:
        raise EntryRefused("quotes")
    if sum(map(len, GROUP.findall(text))) < kind.shortest:
        raise EntryRefused("too-short")
    return Entry(number, text, kind.form(text))


def _unlike(entries: Sequence[Entry], kind: Kind) -> list[tuple[int, str]]:
    """Return the entries that are likely none: a heading of no known kind, a total, what has lost digits."""
    shapes = Counter(_shape(entry.text) for entry in entries)
    common, count = shapes.most_common(1)[0] if shapes else ((0, 0), 0)
    clear = count >= FEW and (len(entries) - count) * 4 <= len(entries)
    unlike = {entry.line: "unlike-the-others" for entry in entries if clear and _shape(entry.text) != common}
    long = [entry for entry in entries if entry.text.isdecimal() and len(entry.text) > DIGITS_KEPT]
    if len(long) >= FEW and not any(entry.text[DIGITS_KEPT:].strip("0") for entry in long):
        unlike |= {entry.line: "rounded-by-a-spreadsheet" for entry in long}
    totals = [entry for entry in entries if TOTALS.fullmatch(entry.text)]
    if len(totals) <= max(1, len(entries) // 4):
        unlike |= {entry.line: "looks-like-a-total" for entry in totals}
    unlike |= {entry.line: "looks-like-a-heading" for entry in entries if _words(entry.text) in kind.headings}
    if not clear and [_has_digit(entry.text) for entry in entries[:2]] == [False, True]:
        unlike[entries[0].line] = "looks-like-a-heading"
    return sorted(unlike.items())


def _shape(text: str) -> tuple[int, int]:
    """Return of how many groups of letters and digits an entry is made, and how long these are together."""
    groups = GROUP.findall(text)
    return len(groups), sum(map(len, groups))


def _has_digit(text: str) -> bool:
    return any(sign.isdecimal() for sign in text)


def _words(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())
