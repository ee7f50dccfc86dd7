"""A service's program:  python -m <service> [serve|health|migrate|doctor|acls|topics|parked|dead|gaps|backup|...]."""

import asyncio
import functools
import importlib
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

import typer

from chassis.config.settings import ServiceSettings
from chassis.db import migration
from chassis.identity.keyrings import KeyRings
from chassis.service.doctoring import AsJson
from chassis.service.terminal import Terminal
from chassis.telemetry import logs
from chassis.telemetry.cards import holds_card

if TYPE_CHECKING:  # they need aiohttp and aiokafka, for which a command at the terminal should not wait
    from aiohttp import web

    from chassis.consuming.reactions import Reactions
    from chassis.doctor.diagnosis import Diagnosis
    from chassis.jobs.job import Job
    from chassis.web.routes import Routes

    Examine = Callable[..., Awaitable[Sequence[Diagnosis]]]

S = TypeVar("S", bound=ServiceSettings)
Provide = Callable[[S, KeyRings], Iterable[object]]
Commands = Callable[[Terminal[S]], typer.Typer]
Listen = Callable[..., AbstractAsyncContextManager[None]]


def nothing(settings: ServiceSettings, keys: KeyRings) -> Iterable[object]:
    """Provide nothing beyond what the chassis does: key rings, clock and the service's name."""
    del settings, keys
    return ()


@dataclass(frozen=True, slots=True)
class Doors(Generic[S]):
    """What is open while a service serves: its routes, its reactions, its jobs and its other listeners.

    What `provide` returns may be asked for by its exact type in the signature of every function behind them. Provided
    async context managers, such as clients, are entered at the start and left at the end. `listeners` are other doors
    than HTTP: `listen(begin: Begin, read: Read, ...)` is an async context manager, open before the first and until the
    last of what it takes; it is entered after what is provided, and left before anything else ends. `examine` looks at
    what is outside, for the doctor: `async def examine(...) -> Sequence[Diagnosis]`. `takes_back` are reactions to the
    service's own events, by which a database that was restored learns what was published after it; each must leave as
    it is what is known, and what they publish is dropped. `problem_page` shows a refusal to people whose browser asks
    for a page: `async def problem_page(request, problem, ...)`.
    """

    routes: "Routes"
    reactions: "Reactions | None" = None
    jobs: "Sequence[Job]" = ()
    provide: Provide[S] = nothing
    listeners: Sequence[Listen] = ()
    takes_back: "Reactions | None" = None
    examine: "Examine | None" = None
    problem_page: "Callable[..., Awaitable[web.StreamResponse]] | None" = None


class Service(Generic[S]):
    """A service: its name, its settings, its operator's commands, and the `DOORS` of its module `doors`.

    Its doors are imported when they are first asked for, for commands need nothing of them and should start at once.
    """

    def __init__(self, name: str, settings: type[S], *, commands: Commands[S] | None = None) -> None:
        self.name = name
        self.settings = settings
        self.commands = commands
        self.prefix = ""  # of the variables that are this service's alone, where several share an environment
        self.fault: Callable[[str], Any] = lambda point: None  # called at named points, where tests stop the world

    @property
    def package(self) -> str:
        """The service's Python package."""
        return self.name.replace("-", "_")

    @property
    def terminal(self) -> Terminal[S]:
        """The operator's terminal, with this service's settings."""
        return Terminal(self.name, self.settings, self.prefix)

    @functools.cached_property
    def doors(self) -> Doors[S]:
        """What is open while it serves."""
        return importlib.import_module(f"{self.package}.doors").DOORS

    @property
    def routes(self) -> "Routes":
        """Its routes, and those of its audit log and of its operators."""
        from chassis.audit.web import routes as audit_routes
        from chassis.operations.web import routes as operations_routes
        from chassis.web.routes import Routes

        own = self.doors.routes
        return Routes(own, audit_routes, operations_routes, errors=own.errors)

    @property
    def reactions(self) -> "Reactions":
        """Its reactions to events; none where it consumes nothing."""
        from chassis.consuming.reactions import Reactions

        return self.doors.reactions or Reactions()

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
        from chassis.service import program

        if any(holds_card(word) for word in sys.argv[1:]):
            typer.echo("A word of this command looks like a card number, which is kept nowhere.", err=True)
            sys.exit(2)
        program.run(self.app(), self.name, self.package)

    def app(self) -> typer.Typer:
        """Return the service's program with all its commands."""
        from chassis.service import program
        from chassis.service.auditing import audit
        from chassis.service.backups import backup
        from chassis.service.commands import dead, gaps_of, parked
        from chassis.service.looking import lag, outbox

        terminal = self.terminal
        app = program.new_app(self.description)
        app.command(help="Serve HTTP, consume and publish events, run jobs, until SIGTERM.")(self.serve)
        app.command(help="Ask the program that runs here if it is ready: exit code 0, or 1 and why not.")(self.health)
        app.command(help="Bring the database to this program's migrations; safe to repeat.")(self.migrate)
        app.command(help="Look what is wrong with all that this service needs, and say what to do next.")(self.doctor)
        app.command(help="Print what the broker must let this service do, as options of kafka-acls.")(self.acls)
        app.command(help="Print or make the topics that this service needs; as options of kafka-topics.")(self.topics)
        app.command(epilog="Example:  lag --json")(lag(self, terminal))
        app.add_typer(outbox(terminal), name="outbox", help="Events that are not published yet.")
        app.add_typer(parked(terminal), name="parked", help="Events that wait to be tried again.")
        app.add_typer(dead(terminal), name="dead", help="Events that cannot be handled as they are.")
        app.add_typer(gaps_of(terminal), name="gaps", help="Partitions that stand still, for records of them are gone.")
        app.add_typer(backup(self, terminal), name="backup", help="Whether a copy of the database would do.")
        app.add_typer(audit(terminal), name="audit", help="What staff and operators did and read.")
        if self.commands is not None:
            app.add_typer(self.commands(terminal))
        return app

    def health(self) -> None:
        """Ask the service that runs with these settings on this machine whether it is ready."""
        from chassis.health import unready

        settings = self.terminal.settings
        if reason := unready(self.name, settings.admin_host, settings.admin_port):
            typer.echo(reason, err=True)
            raise typer.Exit(1)

    def migrate(self, wait: Annotated[float, typer.Option(help="Seconds that the database may be away.")] = 0) -> None:
        """Bring the database to this program's migrations."""
        settings = self.terminal.settings
        logs.configure(self.name, settings.log_level)
        asyncio.run(migration.migrate(settings.dsn, self.series, wait))

    def acls(self, principal: Annotated[str, typer.Option(help="Who the service is to the broker.")] = "") -> None:
        """Print what the broker must let this service do (F-E29)."""
        from chassis.publishing.permissions import permissions

        prefix = self.terminal.settings.topic_prefix
        for line in permissions(self.name, prefix, self.reactions.topics, principal or f"User:{self.name}"):
            typer.echo(line)

    def topics(
        self,
        *,
        make: Annotated[bool, typer.Option("--make", help="Make those that are missing.")] = False,
        partitions: Annotated[int, typer.Option(min=1, help="Of each that is made.")] = 3,
        replicas: Annotated[int, typer.Option(min=1, help="Of each that is made.")] = 1,
    ) -> None:
        """Print or make the topics that this service writes and reads (PLT-13)."""
        from chassis.publishing import topics

        settings = self.terminal.settings
        wanted = topics.needed(self.name, settings.topic_prefix, self.reactions.topics)
        try:
            made = asyncio.run(topics.make(settings.brokers, wanted, partitions, replicas)) if make else None
        except topics.KafkaError as error:
            typer.echo(f"Kafka refuses, or cannot be reached: {error}", err=True)
            raise typer.Exit(1) from None
        for line in map(topics.options, wanted) if made is None else made:
            typer.echo(line)

    def doctor(self, *, as_json: AsJson = False) -> None:
        """Look what is wrong, and say what to do next."""
        from chassis.service.doctoring import examine_all, show

        show(examine_all([(self, self.terminal.settings)]), as_json=as_json)

    def serve(self) -> None:
        """Serve until SIGTERM."""
        from chassis.service.serving import serve

        serve(self.name, [(self, self.terminal.settings)])
