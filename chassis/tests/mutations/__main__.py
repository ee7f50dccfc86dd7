"""Breaks the chassis in one way at a time and sees whether a test notices:  python chassis/tests/mutations."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated

import typer
from chassis_testing import stack

sys.path.insert(0, str(Path(__file__).parent))

import of_consuming
import of_doors
import of_publishing
from mutant import Mutant

ROOT = Path(__file__).parents[3]
MUTANTS = [*of_consuming.MUTANTS, *of_publishing.MUTANTS, *of_doors.MUTANTS]
SOURCES = ROOT / "chassis" / "src"
LONGEST_SECONDS = 240
AT_ONCE = 2
CAUGHT, SURVIVED, LOST, BROKEN = "caught", "SURVIVED", "DOES NOT APPLY", "TESTS DO NOT RUN"


def classify(mutant: Mutant, copy: Path) -> str:
    """Break the copy, run the mutant's tests on it, mend it again, and return the outcome."""
    file = copy / "chassis" / mutant.file
    whole = file.read_text()
    if whole.count(mutant.old) != 1:
        return LOST
    file.write_text(whole.replace(mutant.old, mutant.new))
    try:
        code = tested(mutant.tests, copy)
    finally:
        file.write_text(whole)
    return {0: SURVIVED, 1: CAUGHT}.get(code, BROKEN)


def tested(tests: Sequence[str], copy: Path) -> int:
    """Run tests on a copy of the sources and return pytest's exit code, or 1 where they hang."""
    path = os.pathsep.join([str(copy), os.environ.get("PYTHONPATH", "")])
    program = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "", *tests]
    try:
        return subprocess.run(
            program,
            cwd=ROOT,
            env={"PATIENCE": "1"} | os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            timeout=LONGEST_SECONDS,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return 1


@contextmanager
def copied():
    """Make copies of the chassis' sources, and keep the stack running for all test runs."""
    stack.acquire(ROOT)
    try:
        with tempfile.TemporaryDirectory(prefix="kontor-mutants-") as directory:
            copies: SimpleQueue[Path] = SimpleQueue()
            for number in range(AT_ONCE):
                copy = Path(directory) / str(number) / "src"
                shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("__pycache__"))
                copies.put(copy)
            yield copies
    finally:
        stack.release(ROOT)


def main(
    words: Annotated[
        list[str] | None, typer.Argument(help="Only mutants whose name or file holds one of these.")
    ] = None,
    *,
    show: Annotated[bool, typer.Option("--list", help="Name the mutants and run nothing.")] = False,
) -> None:
    """Run every mutant; exit code 1 if one survives, or applies no more."""
    chosen = [m for m in MUTANTS if not words or any(word in f"{m.file} {m.name}" for word in words)]
    if show:
        for mutant in chosen:
            typer.echo(f"{mutant.file:25}  {mutant.name}")
        return
    outcomes: list[str] = []
    began = time.monotonic()

    def try_one(mutant: Mutant) -> None:
        copy = copies.get()
        started = time.monotonic()
        outcome = classify(mutant, copy)
        copies.put(copy)
        outcomes.append(outcome)
        count, took = f"{len(outcomes):3}/{len(chosen)}", time.monotonic() - started
        typer.echo(f"{count}  {outcome:16}  {took:5.1f} s  {mutant.file:25}  {mutant.name}")

    with copied() as copies, ThreadPoolExecutor(AT_ONCE) as pool:
        for tried in [pool.submit(try_one, mutant) for mutant in chosen]:
            tried.result()
    caught = outcomes.count(CAUGHT)
    typer.echo(f"{caught} of {len(chosen)} caught in {time.monotonic() - began:.0f} s")
    if caught < len(chosen):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
