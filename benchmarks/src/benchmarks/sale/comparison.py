"""Whole sales over all services: as many as possible, then five a second. The reference is another release.

One client program drives both releases; see `benchmarks.against` for how they share the machine.
"""

from benchmarks.bench import of_suite
from benchmarks.cpu import GROUPS, POSTGRES, SERVICES, TOGETHER
from benchmarks.home import Home
from benchmarks.rounds import Better, Metric, Sample

FLAT_OUT, STEADY = 300, 100
QUICK_FLAT_OUT, QUICK_STEADY = 100, 30
PROGRAMS = ("accounts", "catalog", "orders", "payments", "delivery", "licensing", "mail-relay", "rewards", "kontor")
JUDGED = (SERVICES, POSTGRES)


async def measure(home: Home, quick: bool) -> Sample:
    """Sell on the running suite of a home."""
    flat_out, steady = (QUICK_FLAT_OUT, QUICK_STEADY) if quick else (FLAT_OUT, STEADY)
    await home.settle()
    return await home.ask("benchmarks.sale.client", *home.words, "--sales", str(flat_out), "--steady", str(steady))


SALE = of_suite(
    "sale",
    "How many whole sales a second, at how much CPU, and how soon after OrderPaid is the e-mail accepted?",
    (
        Metric("sales", "sales/s", Better.MORE),
        Metric(TOGETHER, "ms a sale", Better.LESS),
        *(Metric(f"cpu of {group}", "ms a sale", Better.LESS, judged=group in JUDGED) for group in GROUPS),
        Metric("paid to accepted p50", "ms at 5/s", Better.LESS),
        Metric("paid to accepted p99", "ms at 5/s", Better.LESS, judged=False),
        Metric("arrived", "sales/s of 5", Better.MORE, judged=False),
        Metric(f"{TOGETHER} at 5/s", "ms a sale", Better.LESS),
        *(Metric(f"cpu: {program}", "ms a sale", Better.LESS, judged=False) for program in PROGRAMS),
    ),
    measure,
)
