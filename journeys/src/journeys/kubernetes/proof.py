"""What the last trial on Kubernetes has shown, as a page."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

PAGE = """# What was shown on Kubernetes

Written by `python -m journeys kubernetes{quick}` on {date}, in {minutes:.0f} minutes: the charts of commit {now},
installed with the images of {before}, upgraded to those of {now}. Done, not rendered: a real API server and kubelet
(Kubernetes {version}), Kafka, PostgreSQL, doubles of other people's servers, all services from their images.

Under load means {rate:g} sales a second: the nodes have {processors:g} processors, on which the databases, the broker
and, where they are not elsewhere, the customers run, too. A row holds where every promise was kept in the end, no
service of which a replica was left cut or refused a connection, and none answered 503; while PostgreSQL, Kafka or a
service that others ask is away, 503 with `Retry-After` is allowed, and counted.

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
class Facts:
    """Of what, where, and under which load something was shown."""

    before: str
    now: str
    version: str
    processors: float
    rate: float


@dataclass(frozen=True, slots=True)
class Proof:
    """The page about a trial."""

    facts: Facts
    rows: Sequence[Row]
    seconds: float
    quick: bool

    def write(self, page: Path) -> None:
        """Write the page."""
        page.parent.mkdir(parents=True, exist_ok=True)
        date = datetime.now(UTC).date().isoformat()
        rows = "\n".join(map(str, self.rows))
        quick = " --quick" if self.quick else ""
        page.write_text(PAGE.format(date=date, quick=quick, minutes=self.seconds / 60, rows=rows, **asdict(self.facts)))
