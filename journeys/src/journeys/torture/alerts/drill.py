"""A drill: each alert is provoked on a stack of its own, must fire in Prometheus, and end when the fault is mended."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stack.errors import StackError
from stack.stack import Stack

from contracts import topics
from journeys.dashboards.picture import Window, draw
from journeys.load.market import open_market
from journeys.suite import Suite, Unexpected, suite, until
from journeys.torture.alerts import backbone, events, lateness, outside, requests
from journeys.torture.alerts.prometheus import Prometheus, require
from journeys.torture.alerts.provocation import Provocation
from journeys.torture.alerts.scene import Report, Scene
from journeys.torture.alerts.table import Line, show
from journeys.torture.fire import HOME

PROVOCATIONS = (
    *requests.PROVOCATIONS,
    *lateness.PROVOCATIONS,
    *backbone.PROVOCATIONS,
    *events.PROVOCATIONS,
    *outside.PROVOCATIONS,
)
FACTOR = 60.0
"""An hour of the rules is a minute of the drill, and a minute is a second."""
CALM_SECONDS, FIRE_SECONDS, END_SECONDS = 180.0, 240.0, 240.0
CUSTOMERS, SERIALS = 8, 100
LOOK_EVERY = 0.2


def of(names: Sequence[str]) -> list[tuple[Provocation, tuple[str, ...]]]:
    """Return the provocations of these alerts, of all for none, with those that are asked for; raises StackError."""
    known = [alert for one in PROVOCATIONS for alert in one.alerts]
    if unknown := [name for name in names if name not in known]:
        raise StackError(f"There is no alert {', '.join(unknown)}; there are {', '.join(known)}.")
    wanted = [(one, tuple(a for a in one.alerts if not names or a in names)) for one in PROVOCATIONS]
    return [(one, alerts) for one, alerts in wanted if alerts]


async def drill(names: Sequence[str] = (), home: Path = HOME, report: Report = print) -> bool:
    """Run the drill on a fresh stack of its own; return whether every alert fired and ended."""
    require()
    chosen = of(names)
    stack = Stack(
        home,
        durable=False,
        every_span=False,
        topics=lambda: [(topic.name, topic.retention_ms) for topic in topics()],
        report=report,
    )
    try:
        await asyncio.to_thread(stack.up, fresh=True)
        async with suite(stack) as running, opened(running, report) as scene:
            began = time.monotonic()
            lines = [line for one, alerts in chosen for line in await provoke(scene, one, alerts)]
            window = Window(int(time.monotonic() - began) + 10, "orders")
            for path in await draw(scene.prometheus.url, window, home / "dashboards"):
                report(f"The dashboard as it looked meanwhile: {path}")
    finally:
        await asyncio.to_thread(stack.down)
    show(lines)
    return all(line.held for line in lines)


@asynccontextmanager
async def opened(running: Suite, report: Report) -> AsyncGenerator[Scene]:
    """Open a market, and let Prometheus look on."""
    market = await open_market(running, CUSTOMERS, SERIALS)
    prometheus = await Prometheus.start(running.state, running.http, FACTOR)
    report(f"Prometheus looks on at {prometheus.url}; durations of its rules are divided by {FACTOR:g}")
    try:
        await until(prometheus.scrapes_all, "all services to be scraped", 60)
        yield Scene(running, market, prometheus, report)
    finally:
        await prometheus.stop()


@dataclass(slots=True)
class _Watch:
    """After how many seconds each alert fires first, counted from the fault, and ends, counted from its mending."""

    scene: Scene
    one: Provocation
    alerts: tuple[str, ...]
    began: float = 0.0
    fired: dict[str, float] = field(default_factory=dict[str, float])
    ended: dict[str, float] = field(default_factory=dict[str, float])

    async def is_calm(self) -> bool:
        return not [name for name in self.alerts if await self.scene.prometheus.firing(name)]

    async def all_fire(self) -> None:
        await self._all(self.fired, FIRE_SECONDS, "fire")

    async def all_end(self) -> None:
        await self._all(self.ended, END_SECONDS, "end")
        for name, seconds in self.ended.items():
            self.scene.report(f"{name} ends after {seconds:.0f} s")

    async def _all(self, times: dict[str, float], seconds: float, what: str) -> None:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            for name in self.alerts:
                await self._look(name)
            if len(times) == len(self.alerts):
                return
            await asyncio.sleep(LOOK_EVERY)
        missing = [name for name in self.alerts if name not in times]
        raise Unexpected(f"waited {seconds:.0f} s for {', '.join(missing)} to {what}")

    async def _look(self, name: str) -> None:
        found, mended = await self.scene.prometheus.firing(name), self.scene.mended
        if any(self.one.job is None or labels.get("job") == self.one.job for labels in found):
            self.ended.pop(name, None)
            if name not in self.fired:
                self.fired[name] = time.monotonic() - self.began
                self.scene.report(f"{name} fires after {self.fired[name]:.0f} s")
        elif name in self.fired and mended is not None:
            self.ended.setdefault(name, time.monotonic() - mended)


async def provoke(scene: Scene, one: Provocation, alerts: tuple[str, ...]) -> list[Line]:
    """Provoke alerts that do not fire yet, and mend the fault; return a line of the table for each."""
    watch, fault = _Watch(scene, one, alerts), ""
    scene.report(f"--- {', '.join(alerts)}: {one.fault}")
    try:
        await until(watch.is_calm, "no such alert to fire before", CALM_SECONDS)
        scene.mended, watch.began = None, time.monotonic()
        async with one.stage(scene):
            await watch.all_fire()
            scene.mended = scene.mended or time.monotonic()
        await watch.all_end()
    except Exception as error:
        # whatever it is, the other alerts are provoked all the same
        fault = f"{type(error).__name__}: {error}".splitlines()[0]
        scene.report(f"BROKEN {fault}")
    return [Line(name, one.fault, watch.fired.get(name), watch.ended.get(name), fault) for name in alerts]
