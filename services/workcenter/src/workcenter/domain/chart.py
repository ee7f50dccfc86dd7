"""A chart of bars, one a day, as numbers from which a template draws."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 160
LEFT, TOP, BOTTOM = 34, 12, 22
MOST_DAYS: Final = 366
LABELS: Final = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A day, how many there were, where its bar stands, and whether the day is written below."""

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


def per_day(days: Iterable[date], first: date, last: date) -> Chart:
    """Return the chart of how often each day occurs between two days, both of them included."""
    first = max(first, last - timedelta(days=MOST_DAYS - 1))
    counts = Counter(day for day in days if first <= day <= last)
    number = (last - first).days + 1
    highest = max(counts.values(), default=0)
    step = (WIDTH - LEFT) / max(number, 1)
    room = HEIGHT - TOP - BOTTOM
    every = max(1, -(-number // LABELS))
    bars: list[Bar] = []
    for index in range(number):
        day = first + timedelta(days=index)
        height = round(room * counts[day] / highest, 1) if highest else 0.0
        x = round(LEFT + index * step, 1)
        width = round(max(step * 0.8, 1), 1)
        bars.append(Bar(day, counts[day], x, HEIGHT - BOTTOM - height, width, height, index % every == 0))
    return Chart(bars, highest, sum(counts.values()))
