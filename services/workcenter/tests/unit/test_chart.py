"""The chart of downloads: one bar a day, within its picture."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from workcenter.domain.chart import BOTTOM, HEIGHT, LEFT, MOST_DAYS, TOP, WIDTH, months_of, per_day

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


def test_a_bar_beside_a_far_higher_one_is_seen():
    chart = per_day([date(2026, 11, 1), *[date(2026, 11, 2)] * 5000], date(2026, 11, 1), date(2026, 11, 3))
    assert [bar.height > 0 for bar in chart.bars] == [True, True, False]
    assert chart.bars[0].height >= 2


def test_months_are_drawn_over_the_end_of_a_year():
    assert months_of(date(2026, 11, 30), date(2027, 2, 1)) == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
        date(2027, 2, 1),
    ]
    assert len(months_of(date(1970, 1, 1), date(9998, 12, 31))) == 120
