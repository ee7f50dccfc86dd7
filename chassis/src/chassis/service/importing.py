"""What the commands have in common that import lists."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from chassis.lists import Fault, FileEmpty, FileNotText, FileTooLong, ListRefused
from chassis.refusals import sentence, slug

ListFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A text or CSV file, one entry a line.")]
Column = Annotated[str | None, typer.Option(help="The entries' column, where there are several: heading or number.")]
TakeUnlike = Annotated[bool, typer.Option(help="Take also what is unlike all other lines.")]
SkipDuplicates = Annotated[bool, typer.Option(help="Take the rest where lines repeat or are known.")]
# by rule or sort of lines; what is not here, a rule of one service alone, is shown as its name
REASONS: Final = {
    "heading": "left out, it is the heading of the column",
    "title": "left out, it stands above the heading",
    "comment": "left out, it is a remark",
    "no-such-column": "no column has the heading that --column names",
    "more-than-one-column": "it has several columns; see that quotes are closed, or name one with --column",
    "empty": "there is no entry in this line",
    "too-long": "the entry is too long",
    "too-short": "the entry is too short",
    "line-break": "the entry goes on in the next line",
    "characters": "it has letters or signs that no entry has",
    "formula": "it begins like a formula of a spreadsheet",
    "label": "there is a word before the entry; only the entry may stand here",
    "quotes": "there is a quote within the entry",
    "scientific-notation": "a spreadsheet has cut digits off; export the column as text",
    "spreadsheet-error": "a spreadsheet has put an error, or its word for yes or no, in the place of the entry",
    "rounded-by-a-spreadsheet": "a spreadsheet seems to have cut digits off; export the column as text",
    "lost-leading-zeros": "a spreadsheet seems to have dropped zeros at the front; export the column as text",
    "unlike-the-others": "it is not made like the others; where it is meant say --take-unlike",
    "looks-like-a-total": "where it is meant say --take-unlike",
    "looks-like-a-heading": "where it is meant say --take-unlike",
    "looks-like-a-date": "where it is meant say --take-unlike",
    "looks-like-a-number": "where it is meant say --take-unlike",
    "looks-like-a-generated-key": "its check signs are wrong; where it is another maker's key say --other-makers",
    "looks-like-a-card-number": "a card number must not be handed over here",
    "repeated": "an earlier line has the same entry; --skip-duplicates takes the rest",
    "in_stock": "the entry was imported before; --skip-duplicates takes the rest",
    "known": "the entry was imported before; --skip-duplicates takes the rest",
}
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
        named = [(line, name) if isinstance(line, int) else (line["line"], line["rule"]) for line in lines]
        faults += [Fault(line, rule, REASONS.get(rule, "")) for line, rule in named]
    for fault in sorted(faults):
        typer.echo(f"{file.name}:{fault}", err=True)
