"""The trial as a whole: install, sell, upgrade under load, verify, and write down what held."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from rich.console import Console
from stack.errors import StackError
from stack.stack import ROOT

from journeys.demo import business, claiming, correspondence, ending, goods, opening
from journeys.demo.sale import Sale
from journeys.demo.show import Show
from journeys.kubernetes.cluster import Cluster
from journeys.kubernetes.disturbing import Disturbance, disturbances, upgrade
from journeys.kubernetes.images import commit, work_tree
from journeys.kubernetes.install import OPERATORS, Installation
from journeys.kubernetes.proof import Facts, Proof, Row
from journeys.load.load import Load
from journeys.load.market import Market, open_market
from journeys.suite import Suite, Unexpected, suite, until
from journeys.verify.quiet import NotQuiet
from journeys.verify.run import verify

HOME = ROOT / ".local" / "kubernetes"
PROOF = ROOT / "docs" / "operations" / "proof.md"
CUSTOMERS, SERIALS = 20, 300
# What a processor can do that runs the databases, the broker and the customers, too, and starts services meanwhile.
SALES_PER_PROCESSOR, MOST_SALES = 1.5, 20.0
REST_SECONDS = 420
FAILURES = (StackError, Unexpected, NotQuiet, aiohttp.ClientError, OSError, AssertionError)
# The demo's steps but those that move the clock.
SALE: list[tuple[str, Callable[[Sale], Awaitable[None]]]] = [
    ("the assortment is loaded", goods.load_assortment),
    ("a customer pays by card, delivery is killed meanwhile", goods.sell),
    ("one e-mail with links and keys", goods.read_mail),
    ("the download is cut and resumed", goods.download),
    ("a business pays by transfer", business.sell_by_transfer),
    ("the seller looks at it", business.look_at_it),
    ("buyer and seller write to each other", correspondence.correspond),
    ("a line is refunded", ending.refund),
    ("a claim by mail", claiming.claim),
    ("the events of the first order", ending.tell_the_story),
]


@dataclass(slots=True)
class Trial:
    """A run of the trial: what it found so far."""

    installation: Installation
    rate: float
    build: bool
    console: Console = field(default_factory=Console)
    rows: list[Row] = field(default_factory=list[Row])

    @asynccontextmanager
    async def row(self, what: str) -> AsyncGenerator[list[str]]:
        """A row of the proof: it holds if its block ends without an error; what the block notes stands beside it."""
        notes: list[str] = []
        began = time.monotonic()
        self.console.print(f"[bold]{what}[/bold]")
        try:
            yield notes
        except FAILURES as error:
            self.rows.append(Row(what, held=False, seconds=time.monotonic() - began, note=str(error)[-300:]))
            self.console.print(f"    [red]does not hold[/red]: {error}")
            raise
        self.rows.append(Row(what, held=True, seconds=time.monotonic() - began, note="; ".join(notes)))
        self.console.print(f"    [green]holds[/green]  {time.monotonic() - began:.0f} s  {'; '.join(notes)}")

    async def install(self) -> None:
        """Install all, twice."""
        one = self.installation
        if self.build and one.cluster.program:
            async with self.row("the images are built and loaded"):
                await asyncio.to_thread(one.bring)
        if one.cluster.program:
            async with self.row(
                "operators: the kinds of Strimzi, KEDA and Prometheus, and CloudNativePG, which runs"
            ) as notes:
                tried = await asyncio.to_thread(one.cluster.operate, OPERATORS)
                notes.append("installed" if tried else "those that were there")
        async with self.row("the API server takes every object of the charts, the operators' kinds included") as notes:
            await asyncio.to_thread(one.surround)
            refused = await asyncio.to_thread(one.refused_by_the_server)
            if refused:
                raise Unexpected("; ".join(refused))
            notes.append("PostgreSQL by CloudNativePG" if one.cnpg else "PostgreSQL of the trial")
        async with self.row("the umbrella chart is installed; all services become ready"):
            await asyncio.to_thread(one.install, one.before)
        async with self.row("installed again, it changes no pod") as notes:
            before = one.pods()
            await asyncio.to_thread(one.install, one.before)
            if before != one.pods():
                raise Unexpected(f"{before} became {one.pods()}")
            notes.append(f"{len(before)} pods")

    async def sell(self, running: Suite) -> None:
        """Run the demo's sale."""
        show = Show(self.console)
        async with self.row("a whole sale") as notes:
            sale = await opening.begin(running, show)
            for number, (title, step) in enumerate(SALE, 1):
                async with show.step(number, title):
                    await step(sale)
            notes.append(f"{len(SALE)} steps")
        async with self.row("helm test: a customer in the cluster buys, pays and gets it") as notes:
            notes.append(await asyncio.to_thread(self.installation.test))
        await self.check(running)

    async def check(self, running: Suite) -> None:
        """Verify the installation at rest."""
        async with self.row("verify: nothing is lost, doubled or in clear") as notes:
            lines: list[str] = []
            fetch = self.installation.stack.fetch
            held = await verify(running.state, wait=REST_SECONDS, report=lines.append, bring=fetch)
            notes.append(lines[-1])
            if not held:
                raise Unexpected("\n".join(lines))

    async def disturb(self, running: Suite, disturbances: Sequence[Disturbance]) -> None:
        """Do each of these under load, and hold every promise against what became of it; the last row is for all."""
        market = await open_market(running, CUSTOMERS, SERIALS, meetings=False)
        for one in disturbances:
            with suppress(*FAILURES):  # its row says so, and the next is another matter
                await self._disturb(running, market, one)
        await self.check(running)

    async def _disturb(self, running: Suite, market: Market, one: Disturbance) -> None:
        load = Load(market, self.rate, random.Random(1), self.console.print, meetings=0)
        async with self.row(f"{one.what}, under {self.rate:g} sales a second") as notes:
            async with load.running(running):
                await asyncio.sleep(5)
                await asyncio.to_thread(one.do, self.installation)
                await asyncio.sleep(5)
            broken = await self._broken(running, load)
            refusals = {name: count for name, count in load.promises.counts.items() if count}
            notes.append(load.promises.summary())
            notes.append(", ".join(f"{count} x {name}" for name, count in refusals.items()) or "no request failed")
            if broken or refused(refusals, one):
                raise Unexpected("; ".join([*broken[:5], *notes]))

    async def _broken(self, running: Suite, load: Load) -> list[str]:
        """Return the promises that are broken still when all should have come to rest."""
        tenant, databases = load.market.shop.tenant, running.state.databases
        broken: list[str] = []

        async def kept() -> bool:
            broken[:] = await load.promises.broken(databases, tenant)
            return not broken

        with suppress(Unexpected):
            await until(kept, "every promise to be kept", REST_SECONDS)
        return broken


def refused(failures: Collection[str], one: Disturbance) -> list[str]:
    """Return the failed requests, as `service reason`, that this disturbance does not excuse.

    One that was late was under way; one that is told to come again (503) has lost nothing, where something is away.
    """
    excused = {"TimeoutError", "409", "429"} | ({"503"} if one.away else set[str]())
    words = {name: (name.partition(" ")[0], name.rpartition(" ")[2]) for name in failures}
    return [name for name, (service, why) in words.items() if service not in one.cuts and why not in excused]


def kubernetes(*, quick: bool, rate: float | None, replicas: int, build: bool, since: str) -> bool:
    """Run the trial on a cluster, and write its proof; return whether everything held."""
    cluster = Cluster.find()
    processors = cluster.processors()
    rate = rate or min(MOST_SALES, SALES_PER_PROCESSOR * processors)
    trial = Trial(Installation(cluster, _home(), commit(since), commit("HEAD"), replicas), rate, build)
    began = time.monotonic()
    with suppress(*FAILURES):
        asyncio.run(_run(trial, quick=quick))
    one = trial.installation
    facts = Facts(one.before, one.now, cluster.version(), processors, rate)
    Proof(facts, trial.rows, time.monotonic() - began, quick=quick).write(PROOF)
    return all(row.held for row in trial.rows)


async def _run(trial: Trial, *, quick: bool) -> None:
    one = trial.installation
    await trial.install()
    with work_tree(one.before, one.tree):
        async with suite(one.stack) as running:
            await trial.sell(running)
            await trial.disturb(running, [upgrade()] if quick else disturbances(one))


def _home() -> Path:
    HOME.mkdir(parents=True, exist_ok=True)
    return HOME
