"""The demo's lines on the terminal."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Table


class Show:
    """Prints each step as it goes, and remembers how long it took."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.took: list[tuple[str, float]] = []

    @asynccontextmanager
    async def step(self, number: int, title: str) -> AsyncGenerator[None]:
        """One of the lines; it holds if its block ends without an exception."""
        self.console.print(f"\n[bold]{number:>2}  {escape(title)}[/bold]")
        started = time.monotonic()
        try:
            yield
        except BaseException:
            self.console.print(f"    [red]does not hold[/red] after {time.monotonic() - started:.1f} s")
            raise
        seconds = time.monotonic() - started
        self.took.append((title, seconds))
        self.console.print(f"    [green]holds[/green]  {seconds:.1f} s")

    def saw(self, what: str) -> None:
        """Something observed."""
        self.console.print(f"    {escape(what)}")

    def text(self, text: str) -> None:
        """A text as it is."""
        for line in text.splitlines():
            self.console.print(f"      | {escape(line)}", highlight=False)

    def table(self, columns: list[str], rows: list[list[str]]) -> None:
        """A table."""
        table = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 4))
        for column in table.columns:
            column.no_wrap = True
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        self.console.print(table)
