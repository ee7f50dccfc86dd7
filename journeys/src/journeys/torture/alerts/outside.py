"""What is around the services: a machine's clock, a seller's files, a mail server."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from stack.errors import ToolMissing
from stack.processes import HOME_VARIABLE
from stack.programs import PDEATHSIG, service_environment
from stack.services import chosen
from stack.stack import Stack

from journeys.suite import expect, until
from journeys.torture.alerts.provocation import Provocation
from journeys.torture.alerts.scene import Scene

AHEAD: Final = "+5"
WAITING_SECONDS: Final = 3700.0
WITHOUT_FILES: Final = "EXPRESSION-WEB-ESD"
RATE: Final = 1.0


def faketime() -> Path:
    """Return the library by which one process sees another time than its machine; raises ToolMissing."""
    for file in sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")):
        return file
    raise ToolMissing(
        "KontorClockSkewed needs libfaketime, and there is none: install it with  apt-get install faketime"
    )


@asynccontextmanager
async def clock_ahead(scene: Scene) -> AsyncGenerator[None]:
    """The machine of rewards has a clock that is five seconds ahead, until it is set right."""
    stack, name = scene.suite.stack, "rewards"
    shown = Path(scene.suite.state.home) / "faketime"
    shown.write_text(AHEAD)
    library = faketime()
    await asyncio.to_thread(stack.stop, name)
    process = _serve(stack, name, library, shown)

    async def right() -> bool:
        async with scene.suite.http.get(scene.suite.admin(name, "/metrics")) as answer:
            text = await answer.text()
        values = [float(line.split()[-1]) for line in text.splitlines() if line.startswith("kontor_clock_skew_seconds")]
        return bool(values) and all(abs(value) < 1 for value in values)

    try:
        yield
        shown.write_text("+0")
        await until(right, "the clock to be right", 60)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)
        await asyncio.to_thread(stack.start, name)


@asynccontextmanager
async def files_missing(scene: Scene) -> AsyncGenerator[None]:
    """An article is paid whose files nobody has uploaded; then an hour passes."""
    seller, person, stack = scene.market.shop.seller, scene.market.people[0], scene.suite.stack
    await person.sign_in()
    order = (await person.order({WITHOUT_FILES: 1}))["order"]
    await person.pay_by_card(order)

    async def named() -> bool:
        found = await seller.ask("delivery", "GET", "/missing-files")
        return WITHOUT_FILES in [one["sku"] for one in found["items"]]

    await seller.sign_in()
    await until(named, "delivery to name the article", 60)
    await asyncio.to_thread(stack.shift_clock, WAITING_SECONDS)
    yield
    await seller.sign_in()
    expect(await named(), "delivery to name the article still")
    await seller.upload(WITHOUT_FILES, 100_000)


@asynccontextmanager
async def no_mail_server(scene: Scene) -> AsyncGenerator[None]:
    """The mail server is stopped while orders are paid."""
    stack = scene.suite.stack
    async with scene.trade(RATE):
        try:
            await asyncio.to_thread(stack.stop, "mail-catcher")
            yield
        finally:
            await asyncio.to_thread(stack.start, "mail-catcher")


def _serve(stack: Stack, name: str, library: Path, shown: Path) -> "subprocess.Popen[bytes]":
    """Run a service that takes for the machine's clock what the file shows; other clocks go as they do."""
    service, state = chosen([name])[0], stack.state
    environment = os.environ | service_environment(service, state) | {HOME_VARIABLE: state.home}
    environment |= {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(shown),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    command = [*PDEATHSIG, sys.executable, "-m", service.package, "serve"]
    with stack.log(name).open("ab") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


PROVOCATIONS: Final = (
    Provocation(("KontorClockSkewed",), "the clock of rewards 5 s ahead", clock_ahead, "rewards"),
    Provocation(("KontorFilesMissing",), "an article without files is paid, an hour passes", files_missing, "delivery"),
    Provocation(("KontorOutboundFails",), "the mail server stopped while orders are paid", no_mail_server, "letters"),
)
