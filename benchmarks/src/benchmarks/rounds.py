"""Two sides measured in turn, and what their paired ratios say."""

import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

Sample = dict[str, float]
Measure = Callable[[], Awaitable[Sample]]


class Better(StrEnum):
    """Whether more of a thing is better, or less."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure each side gives; `ratio` bounds ours divided by the reference's, `limit` bounds ours in its unit."""

    name: str
    unit: str
    better: Better
    ratio: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Sides:
    """What is measured; where nothing is comparable there is no reference."""

    ours: Measure
    reference: Measure | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement of each side, close together in time."""

    ours: Sample
    reference: Sample | None


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some figures, and how far they went."""

    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rounds say of one metric; `reached` is None where no target is set."""

    metric: Metric
    ours: Spread
    reference: Spread | None
    ratio: Spread | None
    reached: bool | None


async def measure(sides: Sides, rounds: int, say: Callable[[str], None] = lambda line: None) -> list[Round]:
    """Measure both sides that often, in the order ours, theirs, theirs, ours, ...; a first round does not count.

    Where there is no reference, nothing is compared and no round is left out.
    """
    done: list[Round] = []
    for number in range(1 if sides.reference is None else 0, rounds + 1):
        say(f"round {number} of {rounds}" if number else "warm-up")
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
    """What each metric's figures say; a metric the rounds do not have is left out."""
    return [_judge(metric, rounds) for metric in metrics if all(metric.name in one.ours for one in rounds)]


def _judge(metric: Metric, rounds: Sequence[Round]) -> Verdict:
    ours = [one.ours[metric.name] for one in rounds]
    pairs = [
        (one.ours[metric.name], one.reference[metric.name])
        for one in rounds
        if one.reference is not None and metric.name in one.reference
    ]
    reference = _spread([theirs for _, theirs in pairs])
    ratio = _spread([mine / theirs for mine, theirs in pairs if theirs])
    middle = statistics.median(ours)
    kept: list[bool] = []
    if metric.ratio is not None and ratio is not None:
        kept.append(_holds(metric.better, ratio.median, metric.ratio))
    if metric.limit is not None:
        kept.append(_holds(metric.better, middle, metric.limit))
    return Verdict(metric, Spread(middle, min(ours), max(ours)), reference, ratio, all(kept) if kept else None)


def _holds(better: Better, figure: float, bound: float) -> bool:
    return figure >= bound if better is Better.MORE else figure <= bound


def _spread(figures: Sequence[float]) -> Spread | None:
    return Spread(statistics.median(figures), min(figures), max(figures)) if figures else None
