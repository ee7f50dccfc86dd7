"""`make torture`: the tests, the programs beside them, the blind kills, and one table of it all."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from stack.stack import ROOT

from journeys.torture.row import Row, show
from journeys.torture.selection import SHARED, run_tests

HISTORIES = 150  # of each of the tests that are marked so; payments plays as many three times
ORDERS = "F-L01 F-M29 F-P05 F-P07 F-P08 F-P09 F-R01 F-R03"


@dataclass(frozen=True, slots=True)
class Program:
    """A program whose exit code says whether it held; skipped where the file `needs` does not exist."""

    faults: str
    done: str
    command: tuple[str, ...]
    needs: Path = ROOT


def programs(*, quick: bool, rounds: int, rate: float) -> list[Program]:
    """Return the programs that run beside pytest."""
    mutations = ROOT / "chassis" / "tests" / "mutations"
    kills = ("-m", "journeys", "torture", "kills", "--rounds", str(rounds), "--rate", f"{rate:g}")
    every_mutant = Program("", "every mutant of the chassis is caught", (str(mutations),), mutations / "__main__.py")
    play = ("-m", "pytest", *SHARED, "-m", "histories", "--histories", str(HISTORIES), "--timeout", "600")
    histories = Program(ORDERS, f"{HISTORIES} seeded histories of each service, permuted and repeated", play)
    blind = Program("F-E05 F-E06 F-E16 F-E17", f"{rounds} blind kills under {rate:g} orders a second", kills)
    named = "orders, payments, delivery, licensing, letters and rewards killed at every point they pass"
    at_doors = Program("F-E05 F-E06 F-E16 F-E17 F-P27", named, ("-m", "journeys", "torture", "doors"))
    two = Program(
        "F-E18 F-E22", "two replicas of every service, either stopped", ("-m", "journeys", "torture", "replicas")
    )
    older = Program(
        "F-A12 F-E37", "databases of different moments, Kafka lost", ("-m", "journeys", "torture", "restore")
    )
    alerts = Program(
        "", "each alert provoked", ("-m", "journeys", "torture", "alerts"), Path(which("prometheus") or "no Prometheus")
    )
    return [blind] if quick else [every_mutant, histories, at_doors, two, older, alerts, blind]


def torture(*, quick: bool, rounds: int, rate: float) -> bool:
    """Run everything, print the table, return whether everything held."""
    rows = run_tests(quick=quick)
    rows += [_run(program) for program in programs(quick=quick, rounds=rounds, rate=rate)]
    show(rows)
    return all(row.outcome != "broken" for row in rows)


def _run(program: Program) -> Row:
    if not program.needs.exists():
        return Row(program.faults, program.done, 0, 0.0, "skipped")
    print(f"--- {program.done}", flush=True)
    began = time.monotonic()
    code = subprocess.run([sys.executable, *program.command], cwd=ROOT, check=False).returncode
    return Row(program.faults, program.done, 1, time.monotonic() - began, "broken" if code else "held")
