"""Use the suite:  `python -m journeys demo`."""

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer
from stack.errors import StackError
from stack.stack import ROOT, Stack

from journeys.charts.commands import app as charts
from journeys.dashboards.commands import app as dashboards
from journeys.features.commands import app as features
from journeys.pages.commands import app as pages

Home = Annotated[Path, typer.Option(help="The directory of the stack.")]
Emptied = Annotated[Path, typer.Option(help="The directory of the stack, which is emptied.")]
Processes = Annotated[Literal["one", "each"], typer.Option(help="All services in one process, or one for each.")]
Seed = Annotated[int, typer.Option(help="Of the trade meanwhile.")]
MAIN = ROOT / ".local" / "main"
TORTURE = ROOT / ".local" / "torture"

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Kontor in use.")
torture = typer.Typer(add_completion=False, help="Everything that takes long and tries to break the suite.")
app.add_typer(features, name="features")
app.add_typer(charts, name="charts")
app.add_typer(dashboards, name="dashboards")
app.add_typer(pages, name="pages")
app.add_typer(torture, name="torture")


@app.callback()
def about() -> None:
    """Kontor in use."""


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop after the sale.")] = False,
    processes: Processes = "one",
    runtime: Annotated[
        Literal["local", "docker"] | None,
        typer.Option(
            envvar="KONTOR_RUNTIME",
            help="Programs of this machine, or containers; without it containers, where an engine has their images.",
        ),
    ] = None,
) -> None:
    """Run a whole sale on one machine with visible progress; exit code 0 only if every step held."""
    from journeys.demo.run import demo as run
    from journeys.runtime import choose

    raise typer.Exit(run(once=once, one_process=processes == "one", runtime=choose(runtime)))


@app.command()
def verify(
    home: Home = MAIN,
    tenant: Annotated[str | None, typer.Option(help="Look at this tenant only.")] = None,
    wait: Annotated[float, typer.Option(help="How many seconds the stack has to come to rest.")] = 60,
) -> None:
    """Look at all databases and topics of a running stack; exit code 0 only if every invariant holds."""
    from journeys.verify.quiet import NotQuiet
    from journeys.verify.run import verify as run

    try:
        held = asyncio.run(run(Stack(home).running, tenant=tenant, wait=wait))
    except (NotQuiet, StackError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    raise typer.Exit(0 if held else 1)


@app.command("help-pdf")
def help_pdf(
    into: Annotated[Path, typer.Option(help="The directory.")] = ROOT / ".local" / "help",
) -> None:
    """Write the online help of all pages as one PDF in each language; each site has its own part at /help.pdf, too."""
    from journeys.printing import help_pdf as write

    for file in write(into):
        typer.echo(str(file))


@app.command()
def compatibility() -> None:
    """Write into docs/operations/compatibility.md which versions of which events each service needs."""
    from journeys.compatibility import render

    render(ROOT)


@app.command()
def kubernetes(
    quick: Annotated[bool, typer.Option("--quick", help="Install, sell, one rolling upgrade.")] = False,
    rate: Annotated[float | None, typer.Option(min=0.1, help="Sales a second; else what the nodes can do.")] = None,
    since: Annotated[str, typer.Option(help="The commit whose images are upgraded.")] = "HEAD~1",
    replicas: Annotated[int, typer.Option(min=1, help="Of each service.")] = 1,
    build: Annotated[bool, typer.Option(help="Build the images and load them.")] = True,
) -> None:
    """Install Kontor on a Kubernetes cluster, use and upgrade it; writes docs/operations/proof.md."""
    from journeys.kubernetes.run import kubernetes as run

    try:
        held = run(quick=quick, rate=rate, replicas=replicas, build=build, since=since)
    except StackError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    raise typer.Exit(0 if held else 1)


@torture.callback(invoke_without_command=True)
def under_fire(
    context: typer.Context,
    quick: Annotated[bool, typer.Option("--quick", help="The quick tests and a few rounds only.")] = False,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of blind kills.")] = 200,
    rate: Annotated[float, typer.Option(min=0.1, help="Orders a second meanwhile.")] = 30,
) -> None:
    """Everything that takes long and tries to break the suite; prints a table, exit code 0 only if all of it held."""
    from journeys.torture.run import torture as run

    if context.invoked_subcommand is None:
        held = run(quick=quick, rounds=min(rounds, 5) if quick else rounds, rate=min(rate, 10) if quick else rate)
        raise typer.Exit(0 if held else 1)


@torture.command("kills")
def kill_blindly(
    rounds: Annotated[int, typer.Option(min=1, help="How often something dies.")] = 200,
    rate: Annotated[float, typer.Option(min=0.1, help="Orders a second.")] = 30,
    seed: Annotated[int | None, typer.Option(help="That of a run to repeat.")] = None,
    home: Emptied = TORTURE,
) -> None:
    """Kill services at random under load; exit code 0 only if nothing was lost and every invariant holds."""
    from journeys.torture.kills import Plan, kills

    plan = Plan(rounds=rounds, rate=rate) if seed is None else Plan(rounds=rounds, rate=rate, seed=seed)
    _judge(kills(plan, home))


@torture.command("doors")
def kill_at_doors(seed: Seed = 1, home: Emptied = TORTURE) -> None:
    """Kill each service at every named point that trade leads it through; exit code 0 only if every invariant holds."""
    from journeys.torture.doors import doors

    _judge(doors(seed, home))


@torture.command("replicas")
def run_two_replicas(seed: Seed = 1, home: Emptied = TORTURE) -> None:
    """Run two replicas of every service, stop either gracefully; exit code 0 only if every invariant holds."""
    from journeys.torture.replicas import replicas

    _judge(replicas(seed, home))


@torture.command("restore")
def restore_databases(seed: Seed = 1, home: Emptied = TORTURE) -> None:
    """Restore databases from different moments, then lose Kafka; exit code 0 only if what is promised of that holds."""
    from journeys.torture.restore import drill

    _judge(drill(seed, home))


@torture.command("alerts")
def provoke_alerts(
    only: Annotated[list[str] | None, typer.Option("--only", help="This alert; may be repeated.")] = None,
    home: Emptied = TORTURE,
) -> None:
    """Provoke each alert; exit code 0 only if it fires in a real Prometheus, and ends when the fault is mended."""
    from journeys.torture.alerts.drill import drill

    _judge(drill(only or (), home))


def _judge(run: Coroutine[Any, Any, bool]) -> NoReturn:
    try:
        held = asyncio.run(run)
    except StackError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        raise typer.Exit(130) from None
    raise typer.Exit(0 if held else 1)


if __name__ == "__main__":
    app(prog_name="python -m journeys")
