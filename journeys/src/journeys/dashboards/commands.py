"""The dashboards at the terminal:  `python -m journeys dashboards render`."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Grafana's dashboards in deploy/observability.")


@app.callback()
def about() -> None:
    """Grafana's dashboards in deploy/observability."""


@app.command()
def render() -> None:
    """Write what Grafana reads."""
    from journeys.dashboards.render import render as write  # what only developers have need not be there to sell

    for path in write():
        typer.echo(path)
