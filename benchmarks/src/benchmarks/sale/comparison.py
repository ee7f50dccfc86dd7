"""Whole sales over all services: as many as possible, then five a second. The reference is another release.

The same on both sides: what is bought and how it is paid, how many buy at once or a second, the warm-up, the window
(from the order to buy until the last e-mail is accepted), how sales are timed, and whose CPU is counted (`cpu.py` of
this release). Each side's own: the buyers, who know the doors of their release. `client.py` says more; see
`benchmarks.against` for how both releases share the machine.
"""

from pathlib import Path

from stack.processes import HOME_VARIABLE
from stack.stack import ROOT

from benchmarks.bench import of_suite
from benchmarks.cpu import GROUPS, POSTGRES, SERVICES, TOGETHER, cpu_seconds, cpu_since
from benchmarks.dialogue import Dialogue, dialogue
from benchmarks.home import Home
from benchmarks.release import Release
from benchmarks.rounds import Better, Metric, Sample

FLAT_OUT, STEADY = 300, 100
QUICK_FLAT_OUT, QUICK_STEADY = 100, 30
PROGRAMS = (
    "accounts",
    "catalog",
    "orders",
    "payments",
    "delivery",
    "licensing",
    "letters",
    "mail-relay",
    "rewards",
    "partners",
    "storefront",
    "workcenter",
    "kontor",
)
JUDGED = (SERVICES, POSTGRES)
AT_ONCE, RATE = 24, 5
CLIENT = Path(__file__).with_name("client.py")


async def measure(home: Home, quick: bool) -> Sample:
    """Sell on the running suite of a home."""
    flat_out, steady = (QUICK_FLAT_OUT, QUICK_STEADY) if quick else (FLAT_OUT, STEADY)
    release = Release.at(home.release or ROOT)
    environment = release.environment | {HOME_VARIABLE: str(home.path)}  # which makes its CPU the client's
    command = release.program(CLIENT, str(home.path))
    async with dialogue(command, environment, home.path.with_name(f"{home.path.name}-client")) as client:
        most = await _sold(home, client, "flat_out", flat_out, AT_ONCE)
        at_rate = await _sold(home, client, "steadily", steady, RATE)
    return {
        "sales": most["per_second"],
        "paid to accepted p50": at_rate["p50_ms"],
        "paid to accepted p99": at_rate["p99_ms"],
        "arrived": at_rate["per_second"],
        f"{TOGETHER} at 5/s": at_rate[TOGETHER],
    } | {name: value for name, value in most.items() if name.startswith("cpu")}


async def _sold(home: Home, client: Dialogue, how: str, sales: int, pace: int) -> Sample:
    """Have the client sell, and return how fast it went at how much CPU."""
    await home.settle()
    before = cpu_seconds(home.path)
    return await client.ask(how, sales, pace) | cpu_since(home.path, before, sales)


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
