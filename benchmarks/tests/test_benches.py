"""Each benchmark runs to its end with little work, so that none breaks unseen; how fast is not asked."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from benchmarks.against import other_side
from benchmarks.home import Home, home
from benchmarks.release import Release
from benchmarks.rounds import Sample
from benchmarks.table import chosen
from stack.stack import ROOT


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Home]:
    async with home(Path(tmp_path_factory.mktemp("bench"))) as stack:
        yield stack


@pytest.mark.torture
@pytest.mark.parametrize(
    "name",
    [
        *("order", "licence", "catalogue", "statement", "download", "relay", "events", "replay", "fanout", "crowd"),
        *("window", "visitors", "thanks", "conversation", "growth"),
    ],
)
async def test_a_benchmark_measures_both_sides(stack: Home, name: str):
    (bench,) = chosen([name])
    async with bench.open(stack, True) as sides:
        sample = await sides.ours()
        reference = await sides.reference() if sides.reference is not None else Sample()
    names = {metric.name for metric in bench.metrics}
    assert set(sample) <= names
    compared = {metric.name for metric in bench.metrics if metric.ratio is not None}
    assert compared <= set(sample)
    assert all(figure > 0 for figure in sample.values())
    if sides.reference is not None:
        assert compared <= set(reference)


@pytest.mark.torture
@pytest.mark.parametrize("name", ["order", "sale", "backlog", "cold"])
async def test_another_checkout_is_measured_in_processes_of_its_own(tmp_path: Path, name: str):
    (bench,) = chosen([name])
    async with other_side(bench, Release.at(ROOT), tmp_path / "other", True) as measure:
        sample = await measure()
    assert {metric.name for metric in bench.metrics if metric.judged} <= set(sample)
    assert set(sample) <= {metric.name for metric in bench.metrics}
