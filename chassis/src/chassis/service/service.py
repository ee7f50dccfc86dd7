"""A service's program:  python -m <service> [serve|migrate|acls|parked|dead|gaps|...]."""

import asyncio
import importlib
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import typer

from chassis.audit.web import routes as audit_routes
from chassis.config.settings import ServiceSettings
from chassis.consuming.reactions import Reactions
from chassis.db import migration
from chassis.identity.keyrings import KeyRings
from chassis.jobs.job import Job
from chassis.publishing.permissions import permissions
from chassis.service.terminal import Terminal
from chassis.telemetry import logs
from chassis.telemetry.cards import holds_card
from chassis.web.routes import Routes

S = TypeVar("S", bound=ServiceSettings)
Provide = Callable[[S, KeyRings], Iterable[object]]
Commands = Callable[[Terminal[S]], typer.Typer]


def nothing(settings: ServiceSettings, keys: KeyRings) -> Iterable[object]:
    """Provide nothing beyond what the chassis does: key rings, clock and the service's name."""
    del settings, keys
    return ()


class Service(Generic[S]):
    """A service, assembled: its name, its settings, its doors, what it provides to them, its operator's commands."""

    def __init__(
        self,
        name: str,
        settings: type[S],
        *,
        routes: Routes,
        reactions: Reactions | None = None,
        jobs: Sequence[Job] = (),
        provide: Provide[S] = nothing,
        commands: Commands[S] | None = None,
    ) -> None:
        """Assemble a service; what `provide` returns may be asked for by its exact type in every handler's signature.

        Provided async context managers, such as clients, are entered at the start and left at the end.
        """
        self.name = name
        self.settings = settings
        self.routes = Routes(routes, audit_routes, errors=routes.errors)
        self.reactions = reactions or Reactions()
        self.jobs = jobs
        self.provide = provide
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
        from chassis.service import program

        if any(holds_card(word) for word in sys.argv[1:]):
            typer.echo("A word of this command looks like a card number, which is kept nowhere.", err=True)
            sys.exit(2)
        program.run(self.app(), self.name, self.package)

    def app(self) -> typer.Typer:
        """Return the service's program with all its commands."""
        from chassis.service import program
        from chassis.service.auditing import audit
        from chassis.service.commands import dead, gaps_of, parked

        terminal = Terminal(self.name, self.settings)
        app = program.new_app(self.description)
        app.command(help="Serve HTTP, consume and publish events, run jobs, until SIGTERM.")(self.serve)
        app.command(help="Bring the database to this program's migrations; safe to repeat.")(self.migrate)
        app.command(help="Print what the broker must let this service do, as options of kafka-acls.")(self.acls)
        app.add_typer(parked(terminal), name="parked", help="Events that wait to be tried again.")
        app.add_typer(dead(terminal), name="dead", help="Events that cannot be handled as they are.")
        app.add_typer(gaps_of(terminal), name="gaps", help="Partitions that stand still, for records of them are gone.")
        app.add_typer(audit(terminal), name="audit", help="What staff and operators did and read.")
        if self.commands is not None:
            app.add_typer(self.commands(terminal))
        return app

    def migrate(self) -> None:
        """Bring the database to this program's migrations."""
        settings = Terminal(self.name, self.settings).settings
        logs.configure(self.name, settings.log_level)
        asyncio.run(migration.migrate(settings.dsn, self.series))

    def acls(self, principal: Annotated[str, typer.Option(help="Who the service is to the broker.")] = "") -> None:
        """Print what the broker must let this service do (F-E29)."""
        prefix = Terminal(self.name, self.settings).settings.topic_prefix
        for line in permissions(self.name, prefix, self.reactions.topics, principal or f"User:{self.name}"):
            typer.echo(line)

    def serve(self) -> None:
        """Serve until SIGTERM."""
        from chassis.service.serving import serve

        serve(self.name, [(self, Terminal(self.name, self.settings).settings)])
