import pytest
from benchmarks.bench import Bench
from benchmarks.report import Outcome, exit_code
from benchmarks.rounds import Better, Metric, Round, Sample, Sides, bounded_by_release, judge, measure
from benchmarks.sale import SALE

RATE = Metric("rate", "1/s", Better.MORE, ratio=0.5)
WAIT = Metric("wait", "ms", Better.LESS, ratio=2)
NOISE = Metric("noise", "ms", Better.LESS, judged=False)


def pairs(name: str, *figures: tuple[float, float]) -> list[Round]:
    return [Round({name: ours}, {name: theirs}) for ours, theirs in figures]


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
    (verdict,) = judge([RATE], pairs("rate", (1, 10), (6, 10), (70, 100)))
    assert verdict.ratio is not None
    assert (verdict.ratio.least, verdict.ratio.median, verdict.ratio.most) == pytest.approx((0.1, 0.6, 0.7))
    assert verdict.reached is True


@pytest.mark.parametrize(("metric", "ours", "reached"), [(RATE, 4.9, False), (RATE, 5, True), (WAIT, 21, False)])
def test_a_bound_fails_on_the_worse_side_of_its_ratio(metric: Metric, ours: float, reached: bool):
    (verdict,) = judge([metric], pairs(metric.name, (ours, 10)))
    assert verdict.reached is reached


def test_a_side_alone_is_not_judged():
    verdicts = judge([WAIT, NOISE], [Round({"wait": 2.0, "noise": 7}, None)])
    assert [(verdict.reached, verdict.ratio) for verdict in verdicts] == [(None, None), (None, None)]


@pytest.mark.parametrize(
    ("rate", "wait", "reached"),
    [(100, 100, [True, True]), (95.3, 104.9, [True, True]), (95.2, 105.1, [False, False]), (300, 30, [True, True])],
)
def test_another_release_may_be_better_by_five_per_cent(rate: float, wait: float, reached: list[bool]):
    metrics = bounded_by_release([RATE, WAIT, NOISE], {})
    rounds = [Round({"rate": rate, "wait": wait, "noise": 900}, {"rate": 100, "wait": 100, "noise": 100})]
    assert [verdict.reached for verdict in judge(metrics, rounds)] == [*reached, None]


def test_a_bound_that_is_named_replaces_the_five_per_cent():
    metrics = bounded_by_release([RATE, WAIT, NOISE], {"wait": 0.8, "noise": 2})
    rounds = [Round({"rate": 100, "wait": 90, "noise": 190}, {"rate": 100, "wait": 100, "noise": 100})]
    assert [verdict.reached for verdict in judge(metrics, rounds)] == [True, False, True]


@pytest.mark.parametrize(("judged", "code"), [(True, 1), (False, 0)])
def test_a_bound_that_is_not_reached_is_an_exit_code_against_a_release_alone(judged: bool, code: int):
    slow = Outcome(SALE, verdicts=judge([WAIT], pairs("wait", (30, 10))))
    fast = Outcome(SALE, verdicts=judge([WAIT], pairs("wait", (10, 10))))
    assert exit_code([fast, slow], judged=judged) == code
    assert exit_code([fast], judged=judged) == 0


def test_a_benchmark_that_failed_is_an_exit_code_always():
    assert exit_code([Outcome(SALE, failure="TimeoutError")], judged=False) == 1


def test_no_metric_has_an_absolute_bound():
    assert {"ratio", "judged"} == set(Metric.__slots__) - {"name", "unit", "better"}
    assert "outside" in Bench.__slots__
