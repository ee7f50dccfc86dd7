"""Reading a list of what is one to a line: each entry once, and what is wrong with which line."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from chassis.lists import table
from chassis.lists.ruined import changes, ruined
from chassis.lists.typed import cleaned, is_labelled

NAMED = 100
ALLOWED: Final = re.compile(r"[ -~]+")
GROUP: Final = re.compile(r"[A-Za-z0-9]+")
TOTALS: Final = re.compile(
    r"(?:totalt?|sum|summ[ea]|somme|gesamt|insgesamt|anzahl|antal|nombre|count|ende?|slut|fin|eof)\b[\W_0-9]*",
    re.IGNORECASE,
)
# in small letters without blanks and accents, in English, German, French and Swedish; a product code is no key
HEADING: Final = (
    "(?:licen[sc]e|product|activation|produkt|lizenz|licens)?(?:keys?|schlussel|nyckel|nycklar)"
    "|(?:activation|aktivierungs|lizenz)?(?:codes?|kod|koder)"
    "|serials?|serial(?:number|no)|seriennummern?|serienummer|numerodeserie|cles?(?:de[a-z]{3,16})?|lizenz"
)
# two columns that blanks keep apart
GAP: Final = re.compile(r"\S[ \t\xa0]{2,}\S")
TITLES = 3
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
    """How long an entry and the file may be; `form` returns by what an entry is known, or raises EntryRefused.

    `headings` is a pattern of those that it has beside those of keys and codes, as `HEADING` writes them.
    """

    form: Callable[[str], str]
    shortest: int
    longest: int
    most_lines: int
    headings: str = ""

    def is_heading(self, text: str) -> bool:
        """Return whether a text is the heading of a column of such entries."""
        pattern = f"{HEADING}|{self.headings}" if self.headings else HEADING
        return re.fullmatch(pattern, _words(text)) is not None


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

    In a file of several columns the entries stand in that with a known heading, unless the options name another.
    Raises FileNotText, FileEmpty or FileTooLong; what is wrong with a line is in the reading.
    """
    lines = table.lines_of(table.decode(content))
    if len(lines) > kind.most_lines:
        raise FileTooLong
    reading = Reading()
    known: dict[str, int] = {}
    at = _column(lines, kind, options.column, reading)
    left_out = {number for number, _ in reading.left_out}
    for number, cells in table.rows(lines) if not reading.faulty else ():
        if number in left_out:
            continue
        if table.is_comment(cells[0]):
            reading.left_out.append((number, "comment"))
            continue
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


def _column(lines: Sequence[str], kind: Kind, column: str | None, reading: Reading) -> int | None:
    """Return in which column the entries stand, if that can be told; the heading and titles above it are left out."""
    numbered = column is not None and column.isdecimal() and int(column) > 0
    rows = (row for row in table.rows(lines) if not table.is_comment(row[1][0]))
    head = list(islice(rows, TITLES + 1))
    titles: list[tuple[int, str]] = []
    for number, cells in head:
        found = [at for at, text in enumerate(cells) if _names(text, kind, None if numbered else column)]
        if found and (not titles or len(cells) > 1):
            reading.left_out += [*titles, (number, "heading")]
            return int(column or 0) - 1 if numbered else found[0] if len(found) == 1 else None
        if len(cells) > 1:
            break
        titles.append((number, "title"))
    if numbered:
        return int(column or 0) - 1
    if column is not None:
        reading.faulty += [(number, "no-such-column") for number, _ in head[:1]]
    if all(len(cells) == 1 for _, cells in head):
        return None
    used = {at for _, cells in table.rows(lines) for at, text in enumerate(cells) if text}
    return used.pop() if len(used) == 1 else None


def _names(text: str, kind: Kind, column: str | None) -> bool:
    """Return whether a text is the heading that is asked for, or else a known one."""
    return kind.is_heading(text) if column is None else _words(text) == _words(column)


def _entry(number: int, cells: list[str], kind: Kind, at: int | None) -> Entry:
    if at is None and len(cells) > 1:
        raise EntryRefused(ruined(",".join(cells)) or "more-than-one-column")
    text = cells[at or 0] if (at or 0) < len(cells) else ""
    if not text:
        raise EntryRefused("empty")
    if len(text) > kind.longest:
        raise EntryRefused("too-long")
    if "\n" in text:
        raise EntryRefused("line-break")
    if GAP.search(text):
        raise EntryRefused("more-than-one-column")
    if rule := ruined(text):
        raise EntryRefused(rule)
    text = cleaned(text)
    if not text or not ALLOWED.fullmatch(text):
        raise EntryRefused("characters")
    if text[0] in "=+-@":  # a spreadsheet that shows the list must not run it
        raise EntryRefused("formula")
    if is_labelled(text) and not TOTALS.fullmatch(text):
        raise EntryRefused("label")
    if any(sign in text for sign in table.SEPARATORS):
        raise EntryRefused("more-than-one-column")
    if '"' in text:
        raise EntryRefused("quotes")
    if sum(map(len, GROUP.findall(text))) < kind.shortest:
        raise EntryRefused("too-short")
    return Entry(number, text, kind.form(text))


def _unlike(entries: Sequence[Entry], kind: Kind) -> list[tuple[int, str]]:
    """Return the entries that are likely none: a heading of no known kind, a total, what a spreadsheet has changed."""
    shapes = Counter(_shape(entry.text) for entry in entries)
    common, count = shapes.most_common(1)[0] if shapes else ((0, 0), 0)
    clear = count >= FEW and (len(entries) - count) * 4 <= len(entries)
    unlike = {entry.line: "unlike-the-others" for entry in entries if clear and _shape(entry.text) != common}
    changed = changes([entry.text for entry in entries])
    unlike |= {entry.line: rule for entry, rule in zip(entries, changed, strict=True) if rule}
    totals = [entry for entry in entries if TOTALS.fullmatch(entry.text)]
    if len(totals) <= max(1, len(entries) // 4):
        unlike |= {entry.line: "looks-like-a-total" for entry in totals}
    named = [entry for entry in entries if not _has_digit(entry.text) and kind.is_heading(entry.text)]
    unlike |= {entry.line: "looks-like-a-heading" for entry in named}
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
    """Return the letters and digits of a heading, in small letters without accents."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKD", text.casefold()))
