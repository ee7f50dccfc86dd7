"""The charts at the terminal:  `python -m journeys charts render | check | package`."""

import sys
from typing import Annotated

import typer
from stack.errors import StackError
from stack.stack import ROOT

from journeys.charts.package import package as write_packages
from journeys.charts.policy import hold
from journeys.charts.render import render as write
from journeys.charts.render import stale

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The Helm charts in deploy/charts.")


@app.command()
def render() -> None:
    """Write what follows from the services and the contracts."""
    for path in write():
        typer.echo(path)


@app.command()
def check() -> None:
    """Fail where a rendered file is not current, and list them."""
    if found := stale():
        for path in found:
            typer.echo(f"{path} is not current: python -m journeys charts render", err=True)
        raise typer.Exit(1)


@app.command()
def policy(
    checkov: Annotated[str, typer.Option(help="The program.")] = "checkov",
) -> None:
    """Lint the charts, and hold what they render against checkov's policies (needs Helm and checkov)."""
    try:
        found = hold(checkov)
    except StackError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    for line in found:
        typer.echo(line, err=True)
    if found:
        raise typer.Exit(1)
    typer.echo("The charts are well, and what checkov finds in what they render is mended or has its reason.")


@app.command()
def package() -> None:
    """Write each chart as one file into .local/charts (needs Helm)."""
    try:
        for file in write_packages(ROOT / ".local" / "charts"):
            typer.echo(file)
    except StackError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
