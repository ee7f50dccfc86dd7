"""The checklist at the terminal:  `python -m journeys features check | render | show ID`."""

from pathlib import Path
from typing import Annotated

import typer
from stack.stack import ROOT

from journeys.features.table import checklist, faults
from journeys.features.table import render as write_tests

Root = Annotated[Path, typer.Option(help="The folder that holds docs/ and everything that names an id.")]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What Kontor does, and which tests prove it.")


@app.command()
def check(root: Root = ROOT) -> None:
    """Fail where a table of docs/features.md or docs/faults.md is untrue, and list everything at once."""
    checked = checklist(root)
    found = faults(checked)
    for fault in found:
        typer.echo(fault, err=True)
    if found:
        typer.echo(f"{len(found)} to mend.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{len(checked.rows)} features and faults are as their tables say.")


@app.command()
def render(root: Root = ROOT) -> None:
    """Write into the tables which tests bear each id."""
    for page in write_tests(root):
        typer.echo(page)


@app.command()
def show(name: Annotated[str, typer.Argument(metavar="ID")], root: Root = ROOT) -> None:
    """Print what an id means, its state, and every test that bears it; exit code 1 for an unknown one."""
    checked = checklist(root)
    rows = [row for row in checked.rows if row.id == name]
    for row in rows:
        typer.echo(f"{row.id} ({row.state}): {row.sentence}")
    for proof in checked.proofs[name]:
        typer.echo(str(proof))
    raise typer.Exit(0 if rows else 1)
