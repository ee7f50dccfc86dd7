"""What the last trial on Kubernetes has shown, as a page."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stack.stack import ROOT

PAGE = """# What was shown on Kubernetes

Written by `python -m journeys kubernetes{quick}` on {date}, of commit {commit},
on Kubernetes {version}, in {minutes:.0f} minutes. Done, not rendered: a real API server and kubelet, Kafka, PostgreSQL,
doubles of other people's servers, all services from their images by their charts.

| What | Held | Seconds | |
|---|---|---|---|
{rows}
"""


@dataclass(frozen=True, slots=True)
class Row:
    """Something that was shown, or that did not hold."""

    what: str
    held: bool
    seconds: float
    note: str = ""

    def __str__(self) -> str:
        """As a row of the table."""
        note = " ".join(self.note.split()).replace("|", "/")
        return f"| {self.what} | {'yes' if self.held else '**no**'} | {self.seconds:.0f} | {note} |"


@dataclass(frozen=True, slots=True)
class Proof:
    """The page about a trial."""

    version: str
    rows: Sequence[Row]
    seconds: float
    quick: bool

    def write(self, page: Path) -> None:
        """Write the page."""
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.strip()
        page.parent.mkdir(parents=True, exist_ok=True)
        facts = {"quick": " --quick" if self.quick else "", "version": self.version, "commit": commit}
        date = datetime.now(UTC).date().isoformat()
        rows = "\n".join(map(str, self.rows))
        page.write_text(PAGE.format(date=date, minutes=self.seconds / 60, rows=rows, **facts))
