"""A service's program:  python -m <service> [serve|health|migrate|doctor|acls|topics|parked|dead|gaps|backup|...]."""

import asyncio
import sys
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from chassis.db import migration
from chassis.service import program
from chassis.service.auditing import audit
from chassis.service.backups import backup
from chassis.service.commands import dead, gaps_of, parked
from chassis.service.doctoring import AsJson
from chassis.service.looking import lag, outbox
from chassis.service.service import Service
from chassis.telemetry import logs
from chassis.telemetry.cards import holds_card


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What an operator can have a service do at the terminal."""

    service: Service[Any]

    def run(self) -> None:
        """Read the command line and do what it says."""
        if any(holds_card(word) for word in sys.argv[1:]):
            typer.echo("A word of this command looks like a card number, which is kept nowhere.", err=True)
            sys.exit(2)
        program.run(self.app(), self.service.name, self.service.package)

    def app(self) -> typer.Typer:
        """Return the service's program with all its commands."""
        service, terminal = self.service, self.service.terminal
        app = program.new_app(service.description)
        app.command(help="Serve HTTP, consume and publish events, run jobs, until SIGTERM.")(self.serve)
        app.command(help="Ask the program that runs here if it is ready: exit code 0, or 1 and why not.")(self.health)
        app.command(help="Bring the database to this program's migrations; safe to repeat.")(self.migrate)
        app.command(help="Look what is wrong with all that this service needs, and say what to do next.")(self.doctor)
        app.command(help="Print what the broker must let this service do, as options of kafka-acls.")(self.acls)
        app.command(help="Print or make the topics that this service needs; as options of kafka-topics.")(self.topics)
        app.command(epilog="Example:  lag --json")(lag(service, terminal))
        app.add_typer(outbox(terminal), name="outbox", help="Events that are not published yet.")
        app.add_typer(parked(terminal), name="parked", help="Events that wait to be tried again.")
        app.add_typer(dead(terminal), name="dead", help="Events that cannot be handled as they are.")
        app.add_typer(gaps_of(terminal), name="gaps", help="Partitions that stand still, for records of them are gone.")
        app.add_typer(backup(service, terminal), name="backup", help="Whether a copy of the database would do.")
        app.add_typer(audit(terminal), name="audit", help="What staff and operators did and read.")
        if service.commands is not None:
            app.add_typer(service.commands(terminal))
        return app

    def health(self) -> None:
        """Ask the service that runs with these settings on this machine whether it is ready."""
        from chassis.health import unready

        settings = self.service.terminal.settings
        if reason := unready(self.service.name, settings.admin_host, settings.admin_port):
            typer.echo(reason, err=True)
            raise typer.Exit(1)

    def migrate(self, wait: Annotated[float, typer.Option(help="Seconds that the database may be away.")] = 0) -> None:
        """Bring the database to this program's migrations."""
        settings = self.service.terminal.settings
        logs.configure(self.service.name, settings.log_level)
        asyncio.run(migration.migrate(settings.dsn, self.service.series, wait))

    def acls(self, principal: Annotated[str, typer.Option(help="Who the service is to the broker.")] = "") -> None:
        """Print what the broker must let this service do (F-E29)."""
        from chassis.publishing.permissions import permissions

        name, topics = self.service.name, self.service.reactions.topics
        prefix = self.service.terminal.settings.topic_prefix
        for line in permissions(name, prefix, topics, principal or f"User:{name}"):
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

        settings = self.service.terminal.settings
        wanted = topics.needed(self.service.name, settings.topic_prefix, self.service.reactions.topics)
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

        show(examine_all([(self.service, self.service.terminal.settings)]), as_json=as_json)

    def serve(self) -> None:
        """Serve until SIGTERM."""
        from chassis.service.serving import serve

        serve(self.service.name, [(self.service, self.service.terminal.settings)])
