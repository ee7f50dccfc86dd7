import pytest
from benchmarks.rounds import Better, Metric, Round, Sample, Sides, judge, measure

RATE = Metric("rate", "1/s", Better.MORE, ratio=0.5)
WAIT = Metric("wait", "ms", Better.LESS, ratio=2, limit=60)


async def test_sides_take_turns_in_going_first_and_the_first_round_does_not_count():
    order: list[str] = []

    def side(name: str, figures: list[float]):
        async def run() -> Sample:
            order.append(name)
            return {"rate": figures.pop(0)}

        return run

    done = await measure(Sides(side("a", [9, 1, 2]), side("b", [9, 4, 8])), 2)
    assert "".join(order) == "baabba"
    assert done == [Round({"rate": 1}, {"rate": 4}), Round({"rate": 2}, {"rate": 8})]


def test_the_ratio_is_the_median_of_the_pairs_and_not_the_ratio_of_the_medians():
    pairs = [(1, 10), (6, 10), (70, 100)]
    (verdict,) = judge([RATE], [Round({"rate": ours}, {"rate": theirs}) for ours, theirs in pairs])
    assert verdict.ratio is not None
    assert (verdict.ratio.least, verdict.ratio.median, verdict.ratio.most) == pytest.approx((0.1, 0.6, 0.7))
    assert verdict.reached is True


@pytest.mark.parametrize(
    ("ours", "theirs", "reached"), [(50, 30, True), (61, 40, False), (50, 24, False), (60, 30, True)]
)
def test_less_is_better_where_one_waits_and_ratio_and_limit_must_both_hold(ours: float, theirs: float, reached: bool):
    (verdict,) = judge([WAIT], [Round({"wait": ours}, {"wait": theirs})])
    assert verdict.reached is reached


def test_a_side_alone_is_judged_by_its_limit_and_a_figure_without_target_is_not_judged():
    cold = Metric("start", "s", Better.LESS, limit=2.5)
    size = Metric("size", "MB", Better.LESS)
    verdicts = judge([cold, size], [Round({"start": 2.0, "size": 7}, None)])
    assert [(verdict.reached, verdict.ratio) for verdict in verdicts] == [(True, None), (None, None)]
