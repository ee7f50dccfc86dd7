"""Runs benchmarks:  python -m benchmarks [NAMES...]"""

import asyncio
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer
from stack.errors import StackError
from stack.stack import ROOT

from benchmarks import machine, report, rounds
from benchmarks.bench import Bench
from benchmarks.home import Home, ProgramFailed, home
from benchmarks.report import Outcome
from benchmarks.table import BENCHES, chosen

HOME = ROOT / ".local" / "bench"
LEAST_ROUNDS = 5
QUICK_ROUNDS = 2


def run(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all of them if left out.")] = None,
    rounds: Annotated[int, typer.Option(min=LEAST_ROUNDS, help="How often each side is measured.")] = LEAST_ROUNDS,
    quick: Annotated[bool, typer.Option("--quick", help="Two rounds of less work, to see that all runs.")] = False,
    json: Annotated[Path | None, typer.Option(help="Write the figures as JSON into this directory.")] = None,
    where: Annotated[Path, typer.Option("--home", help="The directory below which the run's stack lives.")] = HOME,
) -> None:
    """Measure what we claim about speed; the exit code says whether the programs ran, not how fast."""
    try:
        benches = chosen(names or [])
    except LookupError as error:
        raise typer.BadParameter(str(error.args[0])) from None
    raise typer.Exit(asyncio.run(_run(benches, QUICK_ROUNDS if quick else rounds, quick=quick, json=json, where=where)))


async def _run(benches: list[Bench], count: int, *, quick: bool, json: Path | None, where: Path) -> int:
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        async with home(where) as stack:
            return await _measure(stack, benches, count, quick=quick, json=json)
    except (StackError, ProgramFailed) as error:
        _say(str(error))
        return 1


async def _measure(stack: Home, benches: list[Bench], count: int, *, quick: bool, json: Path | None) -> int:
    facts: dict[str, Any] = await machine.facts(stack)
    outcomes: list[Outcome] = []
    for bench in benches:
        outcome = Outcome(bench)
        outcomes.append(outcome)
        try:
            await _one(stack, outcome, count, quick=quick)
        except Exception as error:
            outcome.trouble = f"{type(error).__name__}: {error}"
            _say(f"{bench.name} failed")
            traceback.print_exc()
        if json is not None:
            report.write(json, facts | {"quick": quick}, [outcome])
    report.show(outcomes)
    return 1 if any(outcome.trouble for outcome in outcomes) else 0


async def _one(stack: Home, outcome: Outcome, count: int, *, quick: bool) -> None:
    bench, started = outcome.bench, time.monotonic()
    _say(f"{bench.name}: {bench.question}")
    async with bench.open(stack, quick) as sides:
        outcome.rounds = await rounds.measure(sides, count, lambda line: _say(f"{bench.name}: {line}"))
    outcome.verdicts = rounds.judge(bench.metrics, outcome.rounds)
    _say(f"{bench.name}: {time.monotonic() - started:.0f} s")


def _say(line: str) -> None:
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
