"""A service's program:  python -m <service> [serve|migrate|acls|parked|dead|...]."""

import asyncio
import gc
import importlib
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import aiohttp
import typer
import uvloop
from pydantic import ValidationError

from chassis.config.clock import Clock
from chassis.config.settings import ServiceSettings
from chassis.db import migration
from chassis.db.database import Begin, Database
from chassis.identity.tokens import ServiceIdentity
from chassis.publishing.permissions import permissions
from chassis.service.doors import Doors, KeyRings
from chassis.telemetry import logs, traces
from chassis.telemetry.cards import holds_card

S = TypeVar("S", bound=ServiceSettings)
T = TypeVar("T")


@dataclass(slots=True)
class Terminal(Generic[S]):
    """What a command of the operator works with; settings are read when a command first needs them."""

    name: str
    kind: type[S]

    @property
    def settings(self) -> S:
        """The settings, or a sentence on what is missing or wrong and exit code 2."""
        try:
            return self.kind()  # pyright: ignore[reportCallIssue] -- the fields come from the environment
        except ValidationError as error:
            faults = error.errors(include_input=False, include_url=False)
            missing = [str(fault["loc"][0]).upper() for fault in faults if fault["type"] == "missing"]
            if missing:
                typer.echo(f"{self.name}: set these variables in the environment: {', '.join(missing)}", err=True)
            for fault in faults:
                if fault["type"] != "missing":
                    typer.echo(f"{self.name}: {str(fault['loc'][0]).upper()}: {fault['msg']}", err=True)
            raise typer.Exit(2) from None

    def run(self, story: Callable[[Begin], Awaitable[T]]) -> T:
        """Run a story that opens transactions; the service's replicas are told what it said."""
        return asyncio.run(self._run(story))

    async def _run(self, story: Callable[[Begin], Awaitable[T]]) -> T:
        settings = self.settings
        database = Database(settings.database_url, self.name, Clock(settings.clock_file), connections=2)
        told: set[bool] = set()
        database.committed = lambda said, _: told.add(said)
        await database.open()
        try:
            result = await story(database.begin)
            if True in told:
                async with database.begin() as tx:
                    await tx.execute("notify outbox")
            return result
        finally:
            await database.close()


class Service(Generic[S]):
    """A service, assembled: its name, its settings, its doors and its operator's commands."""

    def __init__(
        self,
        name: str,
        settings: type[S],
        doors: Callable[[S, KeyRings], Doors],
        commands: Callable[[Terminal[S]], typer.Typer] | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self.doors = doors
        self.commands = commands
        self.fault: Callable[[str], Any] = lambda point: None  # called at named points, where tests stop the world

    @property
    def package(self) -> str:
        """The service's Python package."""
        return self.name.replace("-", "_")

    @property
    def description(self) -> str:
        """The first sentence of the package's docstring."""
        return (importlib.import_module(self.package).__doc__ or self.name).strip().split("\n\n")[0]

    @property
    def series(self) -> migration.Series:
        """The two series of migrations of this service's database."""
        return migration.series_of(self.package)

    def run(self) -> None:
        """Read the command line and do what it says."""
        from chassis.service.commands import dead, parked

        if any(holds_card(word) for word in sys.argv[1:]):
            typer.echo("A word of this command looks like a card number, which is kept nowhere.", err=True)
            sys.exit(2)
        terminal = Terminal(self.name, self.settings)
        app = typer.Typer(
            help=self.description, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
        )
        app.command(help="Serve HTTP, hear and say events, run jobs, until SIGTERM.")(self.serve)
        app.command(help="Bring the database to this program's migrations; safe to repeat.")(self.migrate)
        app.command(help="Print what the broker must let this service do, as options of kafka-acls.")(self.acls)
        app.add_typer(parked(terminal), name="parked", help="Events that wait to be tried again.")
        app.add_typer(dead(terminal), name="dead", help="Events that cannot be handled as they are.")
        if self.commands is not None:
            app.add_typer(self.commands(terminal))
        app(prog_name=f"python -m {self.package}")

    def migrate(self) -> None:
        """Bring the database to this program's migrations."""
        settings = Terminal(self.name, self.settings).settings
        logs.configure(self.name, settings.log_level)
        asyncio.run(migration.migrate(settings.database_url, self.series))

    def acls(self, principal: Annotated[str, typer.Option(help="Who the service is to the broker.")] = "") -> None:
        """Print what the broker must let this service do (F-E29)."""
        settings = Terminal(self.name, self.settings).settings
        heard = asyncio.run(self._heard(settings))
        for line in permissions(self.name, settings.topic_prefix, heard, principal or f"User:{self.name}"):
            typer.echo(line)

    async def _heard(self, settings: S) -> set[str]:
        async with aiohttp.ClientSession() as session:
            clock = Clock(settings.clock_file)
            identity = ServiceIdentity(settings.accounts_url, self.name, settings.service_secret, session, clock=clock)
            doors = self.doors(settings, KeyRings(session, settings.accounts_url, identity, clock))
            return {reaction.event.DECLARED.topic for reaction in doors.reactions}

    def serve(self) -> None:
        """Serve until SIGTERM."""
        settings = Terminal(self.name, self.settings).settings
        logs.configure(self.name, settings.log_level)
        traces.configure(
            self.name,
            sampled=settings.traces_sampled,
            spans_file=settings.spans_file,
            otlp_endpoint=settings.otlp_endpoint,
        )
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve(settings))

    async def _serve(self, settings: S) -> None:
        from chassis.service.running import running

        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, ended.set)
        async with running(self.name, self.description, settings, self.doors, self.series, self.fault) as (_, url):
            # What the start made stays to the end, and the collector need not look at it again and again; what an event
            # or a request makes is gone with it, and is looked for less often than by default (700, 10, 10).
            gc.freeze()
            gc.set_threshold(10_000, 50, 100)
            print(f"{self.name} serves on {url}", file=sys.stderr, flush=True)  # noqa: T201 -- for the terminal
            await ended.wait()
