"""The sizes, and the metrics of each."""

from benchmarks.home import Home
from benchmarks.load import Door, flat_out
from benchmarks.rounds import Better, Metric, Sample

# Numbers of rows by their names in the figures.
ROWS = {"10k": 10_000, "1M": 1_000_000}
QUICK_ROWS = {"10k": 10_000, "1M": 50_000}
SECONDS = 3.0
CPU = " cpu"


def metrics(name: str, rate: str, cpu: str) -> tuple[Metric, Metric]:
    """Return the metrics of one size: how many a second flat out, and the CPU of each."""
    return Metric(name, rate, Better.MORE), Metric(name + CPU, cpu, Better.LESS)


async def burst(home: Home, door: Door, name: str, quick: bool) -> Sample:
    """Measure one size flat out."""
    many, took = await flat_out(home, door, SECONDS / 4 if quick else SECONDS)
    return {name: many["per_second"], name + CPU: took}
