"""One service or several in one process, each with its own port, database, consumer, relay and jobs."""

import asyncio
import gc
import signal
import sys
from collections.abc import Sequence
from typing import Any

import structlog
import typer
import uvloop

from chassis.config.settings import ServiceSettings
from chassis.service.program import sentence
from chassis.service.running import running
from chassis.service.service import Service
from chassis.telemetry import logs, traces

log = structlog.get_logger(__name__)

YOUNG = 10_000
OBJECTS_OF_AN_EVENT = 150
"""An event of a few parts, with all that is made of it, with something to spare."""


def serve(process: str, services: Sequence[tuple[Service[Any], ServiceSettings]]) -> None:
    """Serve until SIGTERM; where a service fails, log which and why, stop all of them, and exit with code 1.

    `process` names the log lines that belong to no service; the first service's log level counts for all.
    """
    logs.configure(process, services[0][1].log_level)
    for service, settings in services:
        traces.configure(
            service.name,
            sampled=settings.traces_sampled,
            spans_file=settings.spans_file,
            otlp_endpoint=settings.otel_exporter_otlp_endpoint,
        )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if not runner.run(_serve(services)):
            sys.exit(1)


async def _serve(services: Sequence[tuple[Service[Any], ServiceSettings]]) -> bool:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, ended.set)
    young = _young([service for service, _ in services])
    # tasks, because each service has a context of its own
    tasks = [
        asyncio.create_task(_run(service, settings, ended, young), name=service.name) for service, settings in services
    ]
    return all(await asyncio.gather(*tasks))


def _young(services: Sequence[Service[Any]]) -> int:
    """Return how many objects may be made before the collector looks at them.

    More than a batch of events is made of: all of it is in use while the batch is in hand, and then gone, and to look
    at it is a tenth of the work.
    """
    at_once = [service.reactions.at_once for service in services if service.reactions]
    return max(YOUNG, OBJECTS_OF_AN_EVENT * max(at_once, default=0))


async def _run(service: Service[Any], settings: ServiceSettings, ended: asyncio.Event, young: int) -> bool:
    """Run a service until `ended`, which is set where it fails; return whether it did not."""
    try:
        async with running(service, settings, service.fault) as (house, url):
            # What the start made stays to the end, and the collector need not look at it again and again; what an event
            # or a request makes is gone with it, and is looked for less often than by default (700, 10, 10).
            gc.freeze()
            gc.set_threshold(young, 10, 100)
            typer.echo(f"{service.name} serves on {url}, its operators on {house.admin_url}", err=True)
            await ended.wait()
    except Exception as error:
        log.critical("the service failed", port=settings.http_port, admin_port=settings.admin_port, exc_info=True)
        typer.echo(f"{service.name}: {sentence(error)}", err=True)
        ended.set()
        return False
    return True
