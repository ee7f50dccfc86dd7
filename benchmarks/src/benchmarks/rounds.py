"""Measure two sides in turn, and judge the ratios of their pairs."""

import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

Sample = dict[str, float]
Measure = Callable[[], Awaitable[Sample]]
WORSE = 1.05


class Better(StrEnum):
    """Whether a higher or a lower figure is better."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure that each side gives; a sample has it under `name`, in every release.

    `ratio` bounds ours divided by the reference's. `judged` says whether another release bounds it too: false for
    controls, and for figures that differ by more than the bound from one run to the next.
    """

    name: str
    unit: str
    better: Better
    ratio: float | None = None
    judged: bool = True


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides to measure; `reference` is None if nothing is comparable."""

    ours: Measure
    reference: Measure | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement of each side, close together in time."""

    ours: Sample
    reference: Sample | None


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some figures, the least and the greatest."""

    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of all rounds for one metric; `reached` is None if the metric has no bound."""

    metric: Metric
    ours: Spread
    reference: Spread | None
    ratio: Spread | None
    reached: bool | None


def bounded_by_release(metrics: Sequence[Metric], bounds: Mapping[str, float]) -> tuple[Metric, ...]:
    """Return the metrics with their bounds against another release: at most 5 % worse, or as in `bounds` by name."""
    worst = {Better.LESS: WORSE, Better.MORE: 1 / WORSE}
    return tuple(
        replace(metric, ratio=bounds.get(metric.name, worst[metric.better] if metric.judged else None))
        for metric in metrics
    )


async def measure(sides: Sides, rounds: int, report: Callable[[str], None] = lambda line: None) -> list[Round]:
    """Measure both sides `rounds` times in the order ours, theirs, theirs, ours, ...; a first round does not count.

    Without a reference every round counts.
    """
    done: list[Round] = []
    for number in range(1 if sides.reference is None else 0, rounds + 1):
        report(f"round {number} of {rounds}" if number else "warm-up")
        if sides.reference is None:
            counted = Round(await sides.ours(), None)
        elif number % 2:
            ours = await sides.ours()
            counted = Round(ours, await sides.reference())
        else:
            theirs = await sides.reference()
            counted = Round(await sides.ours(), theirs)
        if number:
            done.append(counted)
    return done


def judge(metrics: Sequence[Metric], rounds: Sequence[Round]) -> list[Verdict]:
    """Return a verdict for each metric that all rounds have."""
    return [_judge(metric, rounds) for metric in metrics if all(metric.name in one.ours for one in rounds)]


def _judge(metric: Metric, rounds: Sequence[Round]) -> Verdict:
    pairs = [
        (one.ours[metric.name], one.reference[metric.name])
        for one in rounds
        if one.reference is not None and metric.name in one.reference
    ]
    ours = [one.ours[metric.name] for one in rounds]
    ratio = _spread([mine / theirs for mine, theirs in pairs if theirs])
    reached = None
    if metric.ratio is not None and ratio is not None:
        more = metric.better is Better.MORE
        reached = ratio.median >= metric.ratio if more else ratio.median <= metric.ratio
    spread = Spread(statistics.median(ours), min(ours), max(ours))
    return Verdict(metric, spread, _spread([theirs for _, theirs in pairs]), ratio, reached)


def _spread(figures: Sequence[float]) -> Spread | None:
    return Spread(statistics.median(figures), min(figures), max(figures)) if figures else None
