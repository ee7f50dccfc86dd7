"""The chart of downloads: one bar a day, within its picture."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from workcenter.domain.chart import BOTTOM, HEIGHT, LEFT, MOST_DAYS, TOP, WIDTH, per_day

FIRST = date(2026, 1, 1)


def test_a_day_has_a_bar_and_the_highest_fills_the_picture():
    chart = per_day([FIRST, FIRST, FIRST + timedelta(days=2)], FIRST, FIRST + timedelta(days=2))
    assert [bar.count for bar in chart.bars] == [2, 0, 1]
    assert [bar.height for bar in chart.bars] == [HEIGHT - TOP - BOTTOM, 0, (HEIGHT - TOP - BOTTOM) / 2]
    assert (chart.highest, chart.total) == (2, 3)


def test_nothing_is_a_chart_without_height():
    assert per_day([], FIRST, FIRST).highest == 0


@given(st.lists(st.integers(0, 800), max_size=50), st.integers(0, 800))
def test_bars_stay_within_the_picture(days: list[int], length: int):
    last = FIRST + timedelta(days=length)
    chart = per_day([FIRST + timedelta(days=day) for day in days], FIRST, last)
    assert len(chart.bars) == min(length + 1, MOST_DAYS)
    assert chart.bars[-1].day == last
    for bar in chart.bars:
        assert LEFT <= bar.x <= WIDTH
        assert TOP <= bar.y <= HEIGHT - BOTTOM
        assert bar.x + bar.width <= WIDTH + 1
