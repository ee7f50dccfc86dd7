"""The command line: `python -m benchmarks [NAMES...]`."""

import asyncio
import signal
import sys
import time
import traceback
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from stack.errors import StackError
from stack.stack import ROOT

from benchmarks import machine, report
from benchmarks.against import other_side
from benchmarks.bench import Bench
from benchmarks.home import Home, ProgramFailed, home
from benchmarks.release import Release
from benchmarks.report import Outcome
from benchmarks.rounds import Sides, bounded_by_release, judge, measure
from benchmarks.table import BENCHES, chosen

HOME = ROOT / ".local" / "bench"
LEAST_ROUNDS = 5
QUICK_ROUNDS = 2
# what can run all services in one process
IN_ONE = {"sale", "thanks"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, how often, and where; `release` is the reference, if one was given.

    `processes` says whether our suite runs all services in one process; another release has one for each.
    """

    benches: Sequence[Bench]
    rounds: int
    quick: bool
    json: Path | None
    directory: Path
    release: Release | None
    processes: Literal["one", "each"]


def run(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all of them if left out.")] = None,
    rounds: Annotated[int, typer.Option(min=LEAST_ROUNDS, help="How often each side is measured.")] = LEAST_ROUNDS,
    quick: Annotated[bool, typer.Option("--quick", help="Two rounds of less work, to see that all runs.")] = False,
    json: Annotated[Path | None, typer.Option(help="Write the figures as JSON into this directory.")] = None,
    where: Annotated[Path, typer.Option("--home", help="The directory below which the run's stack lives.")] = HOME,
    against: Annotated[Path | None, typer.Option(help="Another checkout, which becomes the reference.")] = None,
    bound: Annotated[list[str] | None, typer.Option(help="FIGURE=RATIO against it, if not 5 % worse.")] = None,
    processes: Annotated[
        Literal["one", "each"],
        typer.Option(help="Services in one process, or one for each; for `sale`, `thanks`."),
    ] = "each",
) -> None:
    """Measure what we claim about speed.

    The exit code says whether the programs ran and, with --against, whether every bound is reached.
    """
    try:
        benches = chosen(names or [])
        release = None
        if against is not None:
            release = Release.at(against)
            benches = bounded(benches, bound or [])
        if processes == "one" and not {bench.name for bench in benches} <= IN_ONE:
            raise ValueError("Only the benchmarks sale and thanks run all services in one process.")
    except (LookupError, ValueError) as error:
        raise typer.BadParameter(str(error.args[0])) from None
    plan = Plan(benches, QUICK_ROUNDS if quick else rounds, quick, json, where, release, processes)
    raise typer.Exit(asyncio.run(_run(plan)))


def bounded(benches: Sequence[Bench], bounds: Sequence[str]) -> list[Bench]:
    """Return the benchmarks with their bounds against a release; raises ValueError or LookupError for a wrong one."""
    ratios = {name: float(ratio) for name, _, ratio in (each.rpartition("=") for each in bounds)}
    if unknown := ratios.keys() - {metric.name for bench in benches for metric in bench.metrics}:
        raise LookupError(f"These benchmarks have no figure {', '.join(sorted(unknown))}.")
    return [replace(bench, metrics=bounded_by_release(bench.metrics, ratios)) for bench in benches]


async def _run(plan: Plan) -> int:
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        async with home(plan.directory, one_process=plan.processes == "one") as stack:
            return await _measure(stack, plan)
    except (StackError, ProgramFailed) as error:
        _print(str(error))
        return 1


async def _measure(stack: Home, plan: Plan) -> int:
    facts: dict[str, Any] = await machine.facts(stack) | {"quick": plan.quick, "processes": plan.processes}
    if plan.release is not None:
        facts["against"] = plan.release.commit
    outcomes: list[Outcome] = []
    for bench in plan.benches:
        outcome = Outcome(bench)
        outcomes.append(outcome)
        try:
            await _one(stack, outcome, plan)
        except Exception as error:
            outcome.failure = f"{type(error).__name__}: {error}"
            _print(f"{bench.name} failed")
            traceback.print_exc()
        if plan.json is not None:
            report.write(plan.json, facts, [outcome])
    report.show(outcomes)
    return report.exit_code(outcomes, judged=plan.release is not None)


async def _one(stack: Home, outcome: Outcome, plan: Plan) -> None:
    bench, started = outcome.bench, time.monotonic()
    _print(f"{bench.name}: {bench.question}")
    async with _sides(stack, bench, plan) as sides:
        outcome.rounds = await measure(sides, plan.rounds, lambda line: _print(f"{bench.name}: {line}"))
    outcome.verdicts = judge(bench.metrics, outcome.rounds)
    _print(f"{bench.name}: {time.monotonic() - started:.0f} s")


@asynccontextmanager
async def _sides(stack: Home, bench: Bench, plan: Plan) -> AsyncGenerator[Sides]:
    async with bench.open(stack, plan.quick) as sides:
        if plan.release is None:
            yield sides
            return
        directory = plan.directory.with_name(f"{plan.directory.name}-other")
        async with other_side(bench, plan.release, directory, plan.quick) as theirs:
            yield Sides(sides.ours, theirs)


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Run the command line."""
    app = typer.Typer(add_completion=False, help="What we claim about speed, as programs.")
    names = ", ".join(bench.name for bench in BENCHES)
    app.command(epilog=f"Benchmarks: {names}.")(run)
    try:
        app(prog_name="python -m benchmarks")
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)


if __name__ == "__main__":
    main()
