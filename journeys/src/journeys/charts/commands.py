"""The charts at the terminal:  `python -m journeys charts render | check`."""

import typer

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
