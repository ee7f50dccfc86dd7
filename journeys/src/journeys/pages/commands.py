"""The pages of services at the terminal:  `python -m journeys pages render | check`."""

import typer
from stack.stack import ROOT

from journeys.pages.page import rendered, stale

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The pages about single services in docs/services.")


@app.command()
def render() -> None:
    """Write what follows from the services and the contracts."""
    pages = rendered()
    for path in stale():
        (ROOT / path).write_text(pages[path])
        typer.echo(path)


@app.command()
def check() -> None:
    """Fail where a page is not current, and list them."""
    if found := stale():
        for path in found:
            typer.echo(f"{path} is not current: python -m journeys pages render", err=True)
        raise typer.Exit(1)
