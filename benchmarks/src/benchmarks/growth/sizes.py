"""How much there is of everything, and the figures of each size."""

from benchmarks.home import Home
from benchmarks.load import Door, flat_out
from benchmarks.rounds import Better, Metric, Sample

# Rows by what the figures call them; a quick run has fewer of the many.
ROWS = {"10k": 10_000, "1M": 1_000_000}
QUICK_ROWS = {"10k": 10_000, "1M": 50_000}
SECONDS = 3.0
CPU = " cpu"


def metrics(name: str, rate: str, cpu: str) -> tuple[Metric, Metric]:
    """How many a second flat out, and the processor time of each."""
    return Metric(name, rate, Better.MORE), Metric(name + CPU, cpu, Better.LESS)


async def burst(home: Home, door: Door, name: str, quick: bool) -> Sample:
    """Ask flat out, for a moment."""
    many, took = await flat_out(home, door, SECONDS / 4 if quick else SECONDS)
    return {name: many["per_second"], name + CPU: took}
