"""The table at the end: the fault, what was done, how long it took, the outcome."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

WIDTH = 160


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `outcome` is held, broken or skipped."""

    faults: str
    done: str
    times: int
    seconds: float
    outcome: str


def show(rows: Iterable[Row], console: Console | None = None) -> None:
    """Print the table, sorted by fault."""
    table = Table("fault", "what was done", "times", "seconds", "outcome", title="Under fire")
    for row in sorted(rows, key=lambda row: (row.faults == "", row.faults, row.done)):
        colour = {"held": "green", "broken": "red"}.get(row.outcome, "yellow")
        table.add_row(row.faults, row.done, str(row.times), f"{row.seconds:.1f}", f"[{colour}]{row.outcome}[/{colour}]")
    (console or Console(width=WIDTH)).print(table)
