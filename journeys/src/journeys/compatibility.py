"""Which versions of which events each service needs, as a page: docs/operations/compatibility.md."""

import re
from pathlib import Path
from typing import Final

from contracts.event import Event
from contracts.topics import CONSUMED_BY, SERVICES, publishers_of

PAGE: Final = Path("docs") / "operations" / "compatibility.md"
TABLE: Final = re.compile(r"(<!-- rendered: python -m journeys compatibility -->\n).*?(<!-- end -->)", re.DOTALL)
LATER: Final = re.compile(r"\.v(\d+)$")


def version_of(topic: str) -> int:
    """Return the version of a topic's events, which is in its name from the second on."""
    later = LATER.search(topic)
    return int(later.group(1)) if later else 1


def table() -> str:
    """Return the rows: a topic, its version, and what each service does with it (p: publishes, c: consumes)."""
    lines = [f"| Topic | Version | {' | '.join(SERVICES)} |", f"|---|---{'|---' * len(SERVICES)}|"]
    for topic in sorted(Event.ALL):
        does = [
            "p" * (service in publishers_of(topic)) + "c" * (service in CONSUMED_BY.get(topic, ()))
            for service in SERVICES
        ]
        lines.append(f"| {topic} | {version_of(topic)} | {' | '.join(does)} |")
    return "\n".join(lines) + "\n"


def rendered(root: Path) -> str:
    """Return the page with the table as the contracts are."""
    return TABLE.sub(lambda found: found[1] + "\n" + table() + "\n" + found[2], (root / PAGE).read_text())


def render(root: Path) -> None:
    """Write the table into the page."""
    (root / PAGE).write_text(rendered(root))
