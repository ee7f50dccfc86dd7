"""The table at the end: which alert, provoked by what, when it fired, when it ended."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from journeys.torture.row import WIDTH


@dataclass(frozen=True, slots=True)
class Line:
    """One alert; `fired` in seconds from the fault, `ended` from the beginning of its mending; None: it did not."""

    alert: str
    provoked_by: str
    fired: float | None
    ended: float | None
    fault: str = ""

    @property
    def held(self) -> bool:
        """Whether it fired and ended, and nothing went wrong meanwhile."""
        return self.fired is not None and self.ended is not None and not self.fault


def show(lines: Iterable[Line], console: Console | None = None) -> None:
    """Print the table."""
    table = Table("alert", "provoked by", "seconds to fire", "seconds to end", "outcome", title="Alerts")
    for line in lines:
        outcome = "[green]held[/green]" if line.held else f"[red]broken[/red] {line.fault}"
        table.add_row(line.alert, line.provoked_by, _shown(line.fired), _shown(line.ended), outcome)
    (console or Console(width=WIDTH)).print(table)


def _shown(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.0f}"
