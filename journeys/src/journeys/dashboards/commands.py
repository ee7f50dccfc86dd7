"""The dashboards at the terminal:  `python -m journeys dashboards render`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from stack.stack import ROOT

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


@app.command()
def draw(
    prometheus: Annotated[str, typer.Option(help="The address of a Prometheus that scrapes the services.")],
    minutes: Annotated[int, typer.Option(min=1, help="How much of the past.")] = 60,
    job: Annotated[str, typer.Option(help="Which service the dashboard of one service is of.")] = "orders",
    into: Annotated[Path, typer.Option(help="The directory of the pictures.")] = ROOT / ".local" / "dashboards",
) -> None:
    """Draw the dashboards as pictures (PNG), from what a Prometheus knows."""
    from aiohttp import ClientError

    from journeys.dashboards.picture import PrometheusRefused, Window
    from journeys.dashboards.picture import draw as make

    try:
        for path in asyncio.run(make(prometheus, Window(minutes * 60, job), into)):
            typer.echo(path)
    except (ClientError, PrometheusRefused) as error:
        typer.echo(f"{prometheus} does not tell: {error}", err=True)
        raise typer.Exit(1) from None
