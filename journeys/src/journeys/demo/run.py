"""The demo as a whole: start with empty data, sell, show, stay up, stop everything."""

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from stack.errors import StackError
from stack.stack import ROOT, Stack
from stack.state import State

from contracts import topics
from journeys.compose import ComposeStack
from journeys.customer import Customer
from journeys.demo import business, claiming, correspondence, ending, goods, opening, partner, programme
from journeys.demo.sale import Sale
from journeys.demo.show import Show
from journeys.runtime import Runtime
from journeys.seller import Staff
from journeys.suite import Suite, Unexpected, suite

WIDTH = 160
WHERE = {"local": "as programs of this machine", "docker": "as containers"}
HOME = ROOT / ".local" / "main"
STEPS: list[tuple[str, Callable[[Sale], Awaitable[None]]]] = [
    ("The assortment is loaded from a file", goods.load_assortment),
    ("A customer orders, pays by card; delivery is killed in between", goods.sell),
    ("One e-mail: a link per product, a key per unit, consents, notice", goods.read_mail),
    ("The download is cut, resumed, verified; attempts are not downloads", goods.download),
    ("A business buys in the partner channel by bank transfer", business.sell_by_transfer),
    ("The seller's view: orders, statistics, proof", business.look_at_it),
    ("A partner opens a house of its own: other customers, prices, brand", partner.sell_beside),
    ("Meetings become points, points become rewards", programme.earn_and_redeem),
    ("A customer asks by mail, the seller answers; neither sees an address", correspondence.correspond),
    ("One line is refunded as goodwill", ending.refund),
    ("A seller is silent: a claim by mail, and the money comes back", claiming.claim),
    ("A customer who chose deletion becomes unreadable", ending.erase),
    ("The story of the first order", ending.tell_the_story),
]


def demo(*, once: bool, one_process: bool, runtime: Runtime) -> int:
    """Run the demo, on programs of this machine or on containers; 0 if every step held."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)

    def report(line: str) -> None:
        console.print(f"    {line}", style="dim")

    stack = (
        ComposeStack(report)
        if runtime.kind == "docker"
        else Stack(
            HOME,
            one_process=one_process,
            topics=lambda: [(t.name, t.retention_ms) for t in topics()],
            report=report,
        )
    )
    console.print(f"Kontor runs {WHERE[runtime.kind]}: {runtime.reason}", highlight=False)
    began = time.monotonic()
    try:
        return asyncio.run(_demo(stack, console, once=once, began=began))
    except StackError as error:
        console.print(f"[red]{error}[/red]")
        return 1
    finally:
        console.print("stopping every process …")
        stack.down()


async def _demo(stack: Stack, console: Console, *, once: bool, began: float) -> int:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def stop() -> None:
        stopped.set()
        task.cancel()

    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop)
    try:
        processes = "all services in one process" if stack.one_process else "all services"
        console.print(f"[bold]Kontor[/bold]: starting Kafka, PostgreSQL and {processes} with empty data")
        await asyncio.to_thread(stack.up, fresh=True)
        console.print(f"    up after {time.monotonic() - began:.1f} s")
        async with suite(stack) as running:
            show = Show(console)
            sale = await _begin(running, show)
            held = sale is not None and await _sell(sale)
            total = time.monotonic() - began
            console.print(
                f"\n[bold]{'The sale holds' if held else 'The sale does not hold'}[/bold] ({total:.1f} s in all)"
            )
            if sale is not None and not once:
                _links(sale, console)
                await stopped.wait()
            return 0 if held else 1
    except asyncio.CancelledError:
        return 130


async def _begin(running: Suite, show: Show) -> Sale | None:
    try:
        return await opening.begin(running, show)
    except Unexpected as error:
        show.saw(str(error))
        return None


async def _sell(sale: Sale) -> bool:
    try:
        for number, (title, step) in enumerate(STEPS, 1):
            async with sale.show.step(number, title):
                await step(sale)
    except Unexpected as error:
        sale.show.saw(str(error))
        return False
    return True


def _links(sale: Sale, console: Console) -> None:
    state, shop = sale.shop.suite.state, sale.shop
    console.print("\n[bold]Open in a browser[/bold]")
    port = state.ports["storefront"]
    console.print(f"shop                http://localhost:{port}")
    _sign_in(console, sale.first)
    if sale.partner and sale.partners_customer:
        console.print(f"a partner's shop    http://nordlicht.localhost:{port}    whose customers are its own")
        _sign_in(console, sale.partners_customer)
    for house in (shop, sale.partner):
        if house is not None:
            console.print(f"Work Center         http://localhost:{state.ports['workcenter']}    tenant {house.tenant}")
            _sign_in(console, house.seller)
            _sign_in(console, house.bookkeeper)
            for other in (house.reviewer, house.keeper):
                if other is not None:
                    _sign_in(console, other)
    console.print(f"\nmail catcher        {state.mail_url}")
    console.print(f"payment provider    {state.provider_url}")
    for name, url in state.admin_urls.items():
        console.print(f"{name:<20}{url}/docs")
    if ahead := _days_ahead(state):
        console.print(f"The steps above moved the clock of the shop {ahead} days ahead of yours: its dates are those.")
    console.print("Download pages are linked in the e-mails. Ctrl-C stops everything.")


def _days_ahead(state: State) -> int:
    """Return by how many days the services' clock is ahead."""
    file = Path(state.clock_file)
    return int(float(file.read_text()) // 86_400) if state.clock_file and file.is_file() else 0


def _sign_in(console: Console, who: Customer | Staff) -> None:
    roles = f"    ({', '.join(who.roles)})" if isinstance(who, Staff) else ""
    console.print(f"    sign in as      {who.email}    {who.password}{roles}")
