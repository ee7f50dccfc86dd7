"""Whole sales over all services, as many as go and ten a second; there is no reference, the bounds are absolute."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from stack.services import SERVICES

from benchmarks.bench import Bench
from benchmarks.cpu import LOAD
from benchmarks.home import Home
from benchmarks.rounds import Better, Metric, Sample, Sides

FLAT_OUT, AT_TEN = 300, 150
QUICK_FLAT_OUT, QUICK_AT_TEN = 60, 40
RATE = 10
RUNNING = (*(service.name for service in SERVICES), "provider", "mail-catcher", "postgres", "java", LOAD)
PROGRAMS = tuple(Metric(f"cpu: {program}", "ms a sale", Better.LESS) for program in RUNNING)


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """All services with the payment provider's double and an SMTP sink, on this machine."""
    flat_out, at_ten = (QUICK_FLAT_OUT, QUICK_AT_TEN) if quick else (FLAT_OUT, AT_TEN)
    async with home.suite():

        async def ours() -> Sample:
            stack = str(home.path)
            await home.settle()
            most = await home.ask("benchmarks.sale.client", stack, "--sales", str(flat_out))
            await home.settle()
            steady = await home.ask("benchmarks.sale.client", stack, "--sales", str(at_ten), "--rate", str(RATE))
            return {
                "sales": most["per_second"],
                "cpu": sum(most[metric.name] for metric in PROGRAMS if metric.name in most),
                "paid to accepted p50": steady["p50_ms"],
                "paid to accepted p99": steady["p99_ms"],
                "arrived": steady["per_second"],
            } | {metric.name: most[metric.name] for metric in PROGRAMS if metric.name in most}

        yield Sides(ours, None)


SALE = Bench(
    "sale",
    "How many whole sales a second, and how soon after OrderPaid is the e-mail accepted?",
    (
        Metric("sales", "sales/s", Better.MORE, limit=60),
        Metric("cpu", "ms of CPU a sale", Better.LESS),
        Metric("paid to accepted p50", "ms at 10/s", Better.LESS, limit=60),
        Metric("paid to accepted p99", "ms at 10/s", Better.LESS, limit=250),
        Metric("arrived", "sales/s of 10", Better.MORE),
        *PROGRAMS,
    ),
    compare,
)
