"""The cells of a text or table file, line by line, as spreadsheets and people write them."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

# a file of Windows, Unix or an old Macintosh; what Unicode and a page feed end is a line as well
ENDS: Final = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# spreadsheets' own formats, an archive, a picture or a written page that was taken for a list
BINARY: Final = (
    *(b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf", b"bplist"),
    *(b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\x89PNG", b"\xff\xd8\xff", b"GIF8"),
)
MARKUP: Final = re.compile(rb"\s*<(?:\?xml|!doctype|html|table|head|meta)\b", re.IGNORECASE)
CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")
MOST_CONTROLS = 3
# a file that names no encoding and is no UTF-8 comes from Windows, an old Macintosh or DOS
LEGACY: Final = ("cp1252", "mac_roman", "cp850")
# what people write in the west of Europe: a capital follows neither a small letter nor a digit
USUAL: Final = re.compile(
    "[äöüßåæøéèêëàâçîïôœùûñáíóú§°€«»\u00a0\u2013\u2014\u2018-\u201a\u201c-\u201e\u2022\u2026]|(?<![a-z0-9])[ÄÖÜÅÆØÉÈÊÀÂÇÎÔŒÙÑÁÍÓÚ]"
)
BEYOND: Final = re.compile(r"[^\x00-\x7f]")
# in this order; the comma comes last, for it also stands in numbers
SEPARATORS: Final = "\t;|,"
SAMPLE = 20
# #REF!, #N/A, #WERT!, ##### for a column that was too narrow, and Err:508 of another program
ERROR: Final = re.compile(r"#+|#[^a-z\s]+|(?:Err|Fehler|Erreur|Fel):[0-9]{3}")
QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
OPEN: Final = re.compile(r'(?:^|[\t;|,])\s*"(?:[^"]|"")*$')
MOST_LINES_OF_A_CELL = 20
SEPARATOR_LINE: Final = re.compile(r"sep=([\t;|,])", re.IGNORECASE)
# how a spreadsheet is made to keep a text: ="0012", =T("0012"), or '0012
KEPT_AS_TEXT: Final = re.compile(r'=(?:T\()?"([^"]*)"\)?')
# quotes that several programs have put around one another
NESTED = 3
# one that a program has turned while it was typed is meant all the same
APOSTROPHES: Final = ("'", "\u2018", "\u2019", "\u00b4")
QUOTES: Final = "\"'`\u00b4\u00ab\u00bb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a"


class FileNotText(Exception):
    """The file is no text: save the list as CSV or as text in the program that made it, and send that file."""


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16, or the likeliest of older encodings; raises FileNotText."""
    if content.startswith(BINARY) or MARKUP.match(content[:1000]):
        raise FileNotText
    text = _text(content).rstrip("\x1a")
    if len(set(CONTROL.findall(text[:4000]))) > MOST_CONTROLS:
        raise FileNotText
    return text


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, whoever wrote their ends."""
    return ENDS.split(text)


def rows(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line that is not empty, from 1, and its cells, without empty ones at its end.

    What separates them is in half of the first lines, or is named by a line `sep=;` before all others. A cell in
    quotes may go on in the next lines.
    """
    separator, begun, at = "", False, 0
    while at < len(lines):
        number, line = at + 1, lines[at]
        at += 1
        if not begun and line.strip():
            begun = True
            if named := SEPARATOR_LINE.fullmatch(line.strip(" ")):
                separator = named[1]
                continue
            separator = _separator(lines)
        if line.count('"') % 2 and OPEN.search(line):
            more = _goes_on(lines, at)
            line, at = "\n".join([line, *lines[at : at + more]]), at + more
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
    for _ in range(NESTED):
        if len(text) > 1 and text[0] in QUOTES and text[-1] in QUOTES:
            text = text[1:-1].strip()
    return text[1:].lstrip() if text[:1] in APOSTROPHES else text


def _text(content: bytes) -> str:
    marked = next((name for mark, name in BYTE_ORDER_MARKS if content.startswith(mark)), None)
    try:
        return content.decode(marked or _without_mark(content))
    except UnicodeDecodeError:
        if marked or _without_mark(content) != "utf-8":
            raise FileNotText from None
    texts = [content.decode(encoding, "replace") for encoding in LEGACY]
    return max(texts, key=lambda text: 2 * len(USUAL.findall(text)) - len(BEYOND.findall(text)))


def _without_mark(content: bytes) -> str:
    head = content[:4000]
    if head.count(0) * 3 >= len(head) > 1:
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    return "utf-8"


def _separator(lines: Sequence[str]) -> str:
    """Return what separates the cells: it is in half of the first lines, outside quotes."""
    filled = (line for line in lines if line.strip() and not is_comment(line.strip()))
    sample = [QUOTED.sub("", line) for line in islice(filled, SAMPLE)]
    return next((sign for sign in SEPARATORS if sum(sign in line for line in sample) * 2 >= len(sample) > 0), "")


def _goes_on(lines: Sequence[str], at: int) -> int:
    """Return in how many lines a cell goes on whose quotes were opened; none where they are not closed soon."""
    following = lines[at : at + MOST_LINES_OF_A_CELL]
    return next((more for more, line in enumerate(following, 1) if line.count('"') % 2), 0)


def _split(line: str, separator: str) -> list[str]:
    if not separator and '"' not in line:
        return [line]
    if len(line) > csv.field_size_limit():
        return [line]
    return next(csv.reader([line], delimiter=separator or "\x1f", skipinitialspace=True), [""])
