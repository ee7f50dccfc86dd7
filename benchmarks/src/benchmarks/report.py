"""The results, as a table for people and as JSON for programs."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.bench import Bench
from benchmarks.rounds import Better, Metric, Round, Spread, Verdict

WIDTH = 150


@dataclass(slots=True)
class Outcome:
    """The result of one benchmark; `failure` is why it has no figures."""

    bench: Bench
    rounds: list[Round] = field(default_factory=list[Round])
    verdicts: list[Verdict] = field(default_factory=list[Verdict])
    load: tuple[float, float, float] = field(default_factory=os.getloadavg)
    failure: str = ""


def exit_code(outcomes: Sequence[Outcome], *, judged: bool) -> int:
    """Return 1 if a benchmark failed or, where `judged`, if a bound is not reached; else 0."""
    failed = any(outcome.failure for outcome in outcomes)
    missed = any(verdict.reached is False for outcome in outcomes for verdict in outcome.verdicts)
    return 1 if failed or (judged and missed) else 0


def show(outcomes: Sequence[Outcome], console: Console | None = None) -> None:
    """Print one line for each metric."""
    table = Table("benchmark", "metric", "ours", "reference", "ratio [min-max]", "target", "reached")
    for outcome in outcomes:
        name = outcome.bench.name
        if outcome.failure:
            table.add_row(name, "failed", "", "", "", "", "")
        for verdict in outcome.verdicts:
            table.add_row(name, *_cells(verdict))
            name = ""
        table.add_section()
    (console or Console(width=WIDTH)).print(table)


def write(directory: Path, machine: dict[str, Any], outcomes: Sequence[Outcome]) -> None:
    """Write a JSON file for each benchmark."""
    directory.mkdir(parents=True, exist_ok=True)
    for outcome in outcomes:
        content = {
            "benchmark": outcome.bench.name,
            "question": outcome.bench.question,
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine | {"load_average_before": [round(load, 2) for load in outcome.load]},
            "failure": outcome.failure.partition("\n")[0],
            "verdicts": [asdict(verdict) for verdict in outcome.verdicts],
            "rounds": [asdict(one) for one in outcome.rounds],
        }
        (directory / f"{outcome.bench.name}.json").write_text(json.dumps(content, indent=2) + "\n")


def _cells(verdict: Verdict) -> tuple[str, ...]:
    metric, ratio = verdict.metric, verdict.ratio
    return (
        metric.name,
        f"{figure(verdict.ours.median)} {metric.unit}",
        f"{figure(verdict.reference.median)} {metric.unit}" if verdict.reference else "",
        _range(ratio) if ratio else "",
        _target(metric),
        {True: "yes", False: "NO", None: ""}[verdict.reached],
    )


def _range(ratio: Spread) -> str:
    return f"{ratio.median:.2f} [{ratio.least:.2f}-{ratio.most:.2f}]"


def _target(metric: Metric) -> str:
    sign = ">=" if metric.better is Better.MORE else "<="
    return f"{sign} {metric.ratio:.3g}x" if metric.ratio is not None else ""


def figure(value: float) -> str:
    """Format a figure with three significant digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
