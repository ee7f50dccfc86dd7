"""Tables for spreadsheets, of which none takes a cell for a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# where a cell begins, or another one for a spreadsheet that expects another separator, and then a formula
FORMULA = re.compile(r"""(?:^|(?<=[,;|"\t\r\n]))(?=\s*[=+\-@＝＋－＠]|[\t\r])""")
HEADERS = {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": 'attachment; filename="downloads.csv"',
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def guarded(cell: str) -> str:
    """Return a cell of which no spreadsheet takes a part for a formula, whatever separates its cells (OWASP)."""
    return FORMULA.sub("'", cell)


def rows(cells: Iterable[Sequence[str]]) -> bytes:
    """Return rows of cells as lines: semicolons, UTF-8."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(map(guarded, row) for row in cells)
    return text.getvalue().encode()
