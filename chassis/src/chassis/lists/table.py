"""The cells of a text or table file, line by line, as spreadsheets and people write them."""

import codecs
import csv
import re
from collections.abc import Iterator
from typing import Final

ENDS: Final = re.compile(r"\r\n|\n|\r")
BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# a spreadsheet's own format, and an archive or a picture that was taken for a list
BINARY: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"\x89PNG")
# in this order; the comma comes last, for it also stands in numbers
SEPARATORS: Final = "\t;|,"
# #REF!, #N/A, and ##### for a column that was too narrow
ERROR: Final = re.compile(r"#+|#[A-Z0-9/]+[?!]?")
QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
SEPARATOR_LINE: Final = re.compile(r"sep=([\t;|,])", re.IGNORECASE)
# how a spreadsheet is made to keep a text: ="0012", or '0012
KEPT_AS_TEXT: Final = re.compile(r'="([^"]*)"')
QUOTES: Final = {"\u201c": "\u201d", "\u201e": "\u201c", "\u00ab": "\u00bb", "\u2018": "\u2019", "'": "'"}


class FileNotText(Exception):
    """The file is no text: export the list as text or CSV."""


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8 or UTF-16, or else in Windows-1252; raises FileNotText."""
    if content.startswith(BINARY):
        raise FileNotText
    marked = next((name for mark, name in BYTE_ORDER_MARKS if content.startswith(mark)), None)
    for encoding in (marked,) if marked else _guesses(content):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileNotText


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, whoever wrote their ends."""
    return ENDS.split(text)


def rows(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line that is not empty, from 1, and its cells, without empty ones at its end.

    The first line that has a separator outside quotes names it, or a line `sep=;` before it.
    """
    separator = ""
    first = True
    for number, line in enumerate(lines, 1):
        if first and (named := SEPARATOR_LINE.fullmatch(line.strip(" "))):
            separator, first = named[1], False
            continue
        if first and line.strip() and not is_comment(line.strip()):
            bare = QUOTED.sub("", line)
            separator, first = separator or next((sign for sign in SEPARATORS if sign in bare), ""), False
        cells = [cell(one) for one in _split(line, separator)]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def is_comment(text: str) -> bool:
    """Return whether a line is a remark; what a spreadsheet writes for an error begins like one and is none."""
    return text.startswith("//") or (text.startswith("#") and not ERROR.fullmatch(text))


def cell(text: str) -> str:
    """Return what a cell holds, without the marks by which a spreadsheet keeps it as a text, and without quotes."""
    text = text.strip()
    if kept := KEPT_AS_TEXT.fullmatch(text):
        return kept[1].strip()
    if len(text) > 1 and QUOTES.get(text[0]) == text[-1]:
        return text[1:-1].strip()
    return text[1:].lstrip() if text.startswith("'") else text


def _guesses(content: bytes) -> tuple[str, ...]:
    head = content[:4000]
    if head.count(0) * 3 >= len(head) > 1:
        return ("utf-16-le",) if head[1::2].count(0) > head[::2].count(0) else ("utf-16-be",)
    return "utf-8", "cp1252"


def _split(line: str, separator: str) -> list[str]:
    if not separator and '"' not in line:
        return [line]
    if len(line) > csv.field_size_limit():
        return [line]
    return next(csv.reader([line], delimiter=separator or "\x1f", skipinitialspace=True), [""])
