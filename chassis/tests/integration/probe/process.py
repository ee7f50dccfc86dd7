"""The probe as a process of its own, which can be killed and stopped, and kills itself where a test wants it to."""

import asyncio
import ctypes
import importlib
import multiprocessing
import os
import signal
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis.publishing import lease as lease_module
from chassis.service.running import running
from chassis.telemetry import logs
from chassis_testing import Harness
from chassis_testing.harness import until

from probe import script
from probe.__main__ import service
from probe.domain import MeetingRefused
from probe.settings import Settings

aiokafka_client: Any = importlib.import_module("aiokafka.client")
PARENT_DIES = 1
STEPS = {"fail": RuntimeError("x"), "refuse": MeetingRefused("for a reason")}


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a process kills itself (at the n-th passing of a point), and what goes wrong in it before.

    `detour` leads its connections to Kafka through another port: Kafka itself names only its own address.
    """

    point: str = ""
    passing: int = 1
    end: signal.Signals = signal.SIGKILL
    detour: int | None = None
    steps: dict[UUID, list[str]] = field(default_factory=dict[UUID, list[str]])
    lease_seconds: float = lease_module.SECONDS


@dataclass(slots=True)
class Victim:
    """A running process; it ends with the test whatever happens."""

    process: Any
    pipe: Any
    url: str = ""
    admin_url: str = ""

    async def serving(self) -> str:
        """Return its address, once it serves."""
        await until(self._has_started, timeout=30, what="the process to serve")
        self.url, self.admin_url = self.pipe.recv()
        return self.url

    async def _has_started(self) -> bool:
        return self.pipe.poll()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    async def ended(self, seconds: float = 30) -> int:
        """Return its exit code, once it has ended; minus the signal that killed it."""
        await until(self._has_ended, timeout=seconds, what="the process to end")
        return self.process.exitcode

    async def _has_ended(self) -> bool:
        return self.process.exitcode is not None


def start(home: Harness, plan: Plan | None = None, **changes: Any) -> Victim:
    """Start a process on the database and topics of a site, forked from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["probe.process"])
    if (here := str(Path(__file__).parent.parent)) not in (paths := os.environ.get("PYTHONPATH", "")).split(os.pathsep):
        # the server that forks learns its path from the environment only
        os.environ["PYTHONPATH"] = os.pathsep.join(path for path in (here, paths) if path)
    ours, theirs = context.Pipe(duplex=False)
    settings = home.settings.model_copy(update=changes).model_dump(mode="json")
    process = context.Process(target=_serve, args=(settings, plan or Plan(), theirs), daemon=True)
    process.start()
    theirs.close()
    return Victim(process, ours)


def _serve(settings: dict[str, Any], plan: Plan, pipe: Any) -> None:
    ctypes.CDLL(None).prctl(PARENT_DIES, signal.SIGKILL)
    beside = Path(settings["clock_file"]).with_name("probe.log")  # pytest keeps it for a while
    with Path(os.environ.get("PROBE_LOG", beside)).open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    lease_module.SECONDS = plan.lease_seconds
    if plan.detour is not None:
        aiokafka_client.create_conn = partial(_by_detour, aiokafka_client.create_conn, plan.detour)
    script.planned.update({id_: [STEPS[step] for step in steps] for id_, steps in plan.steps.items()})
    logs.configure("probe", "WARNING")
    asyncio.run(_run(Settings(**settings), plan, pipe))


async def _by_detour(create: Any, port: int, host: str, _: int, **options: Any) -> Any:
    return await create(host, port, **options)


async def _run(settings: Settings, plan: Plan, pipe: Any) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    left = plan.passing

    def fault(point: str) -> None:
        nonlocal left
        if point == plan.point:
            left -= 1
            if not left:
                os.kill(os.getpid(), plan.end)

    async with running(service, settings, fault) as (house, url):
        pipe.send((url, house.admin_url))
        await ended.wait()
