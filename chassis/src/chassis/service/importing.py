"""What the commands have in common that import lists."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from chassis.lists import Fault, FileEmpty, FileNotText, FileTooLong, ListRefused
from chassis.refusals import sentence, slug

ListFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A text or CSV file, one entry a line.")]
Column = Annotated[str | None, typer.Option(help="The entries' column, where there are several: heading or number.")]
TakeUnlike = Annotated[bool, typer.Option(help="Take also what is unlike all other lines.")]
SkipDuplicates = Annotated[bool, typer.Option(help="Take the rest where lines repeat or are known.")]
DryRun = Annotated[bool, typer.Option(help="Show what would happen, and take nothing.")]


@contextmanager
def list_refusals(file: Path) -> Generator[None]:
    """Print what is wrong with a list that is refused, line by line, and end the command."""
    try:
        yield
    except ListRefused as refused:
        typer.echo(sentence(ListRefused), err=True)
        show_lines(file, refused.facts)
        raise typer.Exit(1) from None
    except (FileEmpty, FileNotText, FileTooLong) as error:
        typer.echo(f"{file.name}:{Fault(1, slug(type(error)), sentence(type(error)))}", err=True)
        raise typer.Exit(1) from None


def show_lines(file: Path, report: Mapping[str, Any]) -> None:
    """Print the first lines of each sort with what is to be said of them; never what stands in them."""
    faults: list[Fault] = []
    for name, found in report.items():
        lines: list[Any] = found["lines"]
        faults += [Fault(line, name) if isinstance(line, int) else Fault(line["line"], line["rule"]) for line in lines]
    for fault in sorted(faults):
        typer.echo(f"{file.name}:{fault}", err=True)
