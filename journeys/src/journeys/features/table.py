"""The tables of ids in `docs/features.md` and `docs/faults.md`: read, judged, and written with their tests.

A row is `| id | sentence | state | tests |`. People write the first three cells, this program the fourth.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from journeys.features.ids import LONG, SHORT, Proof, Source, sources

PAGES = ("docs/features.md", "docs/faults.md")
STATES = ("done", "partly", "not yet", "not ours")
_ROW = re.compile(rf"^\| ({LONG}|{SHORT}) \| (.+?) \| ([^|]*?) \|(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Row:
    """An id, what it means, whether it is so, and the test files that show it, as the page says."""

    page: str
    id: str
    sentence: str
    state: str
    tests: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """The rows of all pages, and what the repository holds."""

    rows: tuple[Row, ...]
    sources: tuple[Source, ...]

    @property
    def proofs(self) -> Mapping[str, list[Proof]]:
        """The tests that bear an id; none for an id that no test bears."""
        found: defaultdict[str, list[Proof]] = defaultdict(list)
        for source in self.sources:
            for proof in source.proofs:
                for borne in proof.ids:
                    found[borne].append(proof)
        return found


def checklist(root: Path) -> Checklist:
    """Read the pages and everything else below the root."""
    pages = {page: (root / page).read_text() for page in PAGES}
    rows = [
        Row(page, row[1], row[2], row[3], row[4].strip(" |"))
        for page, text in pages.items()
        for row in _ROW.finditer(text)
    ]
    return Checklist(tuple(rows), tuple(sources(root)))


def render(root: Path) -> list[str]:
    """Write the tests into the tables; the pages that changed."""
    proofs = checklist(root).proofs
    changed: list[str] = []
    for page in PAGES:
        before = (root / page).read_text()
        after = _ROW.sub(lambda row: f"| {row[1]} | {row[2]} | {row[3]} | {shown(proofs[row[1]])} |", before)
        if after != before:
            (root / page).write_text(after)
            changed.append(page)
    return changed


def shown(proofs: Iterable[Proof]) -> str:
    """The files of these tests, as a table shows them: without the folders that all have, and without the ending."""
    files = dict.fromkeys(proof.file for proof in proofs)
    return ", ".join(re.sub(r"^services/|(?<=/)tests/|\.py$", "", file) for file in files)


def faults(checked: Checklist) -> list[str]:
    """What is untrue in the tables, one sentence each."""
    times = Counter(row.id for row in checked.rows)
    found = [f"{twice} stands in {rows} rows" for twice, rows in times.items() if rows > 1]
    for source in checked.sources:
        found += [f"{source.file}: {unknown} stands in no table" for unknown in sorted(source.ids - times.keys())]
    proofs = checked.proofs
    for row in checked.rows:
        found += [f"{row.page}: {row.id} {fault}" for fault in _faults_of(row, proofs[row.id])]
    return found


def _faults_of(row: Row, proofs: list[Proof]) -> list[str]:
    found: list[str] = []
    if row.state not in STATES:
        found.append(f"is '{row.state}', which is none of: {', '.join(STATES)}")
    if row.state == "done" and not proofs:
        found.append("is done, but no test bears it")
    if row.state == "partly" and "Missing: " not in row.sentence:
        found.append("is partly done, but does not say what is missing ('Missing: ...')")
    if row.state in ("not yet", "not ours") and proofs:
        found.append(f"is {row.state}, but {proofs[0]} bears it, so it is partly done at least")
    if row.tests != shown(proofs):
        found.append("does not name its tests: run `make render`")
    return found
