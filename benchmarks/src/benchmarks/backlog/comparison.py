"""A backlog of whole sales, consumed by services that were stopped meanwhile. The reference is another release."""

from benchmarks.bench import of_suite
from benchmarks.cpu import GROUPS, POSTGRES, SERVICES, TOGETHER
from benchmarks.home import Home
from benchmarks.rounds import Better, Metric, Sample

SALES, QUICK_SALES = 500, 60
PREFIX = "catch-up "
UNIT = "ms a sale"


async def measure(home: Home, quick: bool) -> Sample:
    """Build up a backlog on the running suite of a home, and have it consumed."""
    await home.settle()
    words = (*home.words, "--sales", str(QUICK_SALES if quick else SALES))
    found = await home.ask("benchmarks.backlog.client", *words)
    return {PREFIX + name: figure for name, figure in found.items()}


BACKLOG = of_suite(
    "backlog",
    f"What does it take to catch up on {SALES} whole sales?",
    (
        Metric(PREFIX + "time", UNIT, Better.LESS),
        Metric(PREFIX + TOGETHER, UNIT, Better.LESS),
        *(
            Metric(f"{PREFIX}cpu of {group}", UNIT, Better.LESS, judged=group in (SERVICES, POSTGRES))
            for group in GROUPS
            if group in (SERVICES, POSTGRES, "Kafka")
        ),
    ),
    measure,
)
