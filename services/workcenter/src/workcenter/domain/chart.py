"""A chart of bars, one a day or month, as numbers from which a template draws."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 160
LEFT, TOP, BOTTOM = 34, 12, 22
MOST_DAYS: Final = 366
MOST_MONTHS: Final = 120
# a single bar is no wall
WIDEST: Final = 60.0
LABELS: Final = 8
# a bar that is there is seen, however high the others are
LEAST: Final = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A day or month, how many there were, where its bar stands, and whether it is written below."""

    day: date
    count: int
    x: float
    y: float
    width: float
    height: float
    labelled: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from the first to the last day, and the height of the highest."""

    bars: list[Bar]
    highest: int
    total: int


def days_of(first: date, last: date) -> list[date]:
    """Return the days from the first to the last, a year of the latest at most."""
    first = max(first, last - timedelta(days=MOST_DAYS - 1))
    return [first + timedelta(days=index) for index in range((last - first).days + 1)]


def months_of(first: date, last: date) -> list[date]:
    """Return the first day of each month from that of the first day to that of the last, ten years at most."""
    months = [divmod(index, 12) for index in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)]
    return [date(year, month + 1, 1) for year, month in months[-MOST_MONTHS:]]


def per_day(days: Iterable[date], first: date, last: date) -> Chart:
    """Return the chart of how often each day occurs between two days, both of them included."""
    shown = days_of(first, last)
    counts = Counter(day for day in days if shown and shown[0] <= day <= last)
    return drawn([(day, counts[day]) for day in shown])


def drawn(points: Sequence[tuple[date, int]]) -> Chart:
    """Return a chart with a bar for each day or month, as high as its number."""
    highest = max((count for _, count in points), default=0)
    step = (WIDTH - LEFT) / max(len(points), 1)
    room = HEIGHT - TOP - BOTTOM
    every = max(1, -(-len(points) // LABELS))
    bars: list[Bar] = []
    for index, (day, count) in enumerate(points):
        height = max(round(room * count / highest, 1), LEAST) if count else 0.0
        x = round(LEFT + index * step, 1)
        width = round(min(max(step * 0.8, 1), WIDEST), 1)
        bars.append(Bar(day, count, x, HEIGHT - BOTTOM - height, width, height, index % every == 0))
    return Chart(bars, highest, sum(count for _, count in points))
