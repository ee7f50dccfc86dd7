"""All services in one process, and their commands:  python -m kontor serve|doctor|parked|... [SERVICES...]."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from chassis.config import DATABASE_FORM, ServiceSettings, is_database, read_secret
from chassis.db import make_databases, migration
from chassis.health import unready
from chassis.service import CommandLine, Service, doctoring, program, read_settings
from chassis.telemetry import logs
from contracts.topics import SERVICES

from kontor.passing import pass_on
from kontor.services import prefix_of, service_of


def complete(begun: str) -> list[str]:
    """Return the services whose names begin so."""
    return [name for name in SERVICES if name.startswith(begun)]


Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SERVICES]...", help="Which; all of them if left out.", autocompletion=complete),
]
Configured = list[tuple[Service[Any], ServiceSettings]]
NAME = "kontor"
SHOWN = ("http_port", "admin_port", "database_url")

app = program.new_app(
    "All services of Kontor in one process, and the operator's commands over all of them or some.",
    epilog=f"Services: {', '.join(SERVICES)}. `services` tells what each is for and what can be done with it.",
)


@app.command()
def serve(names: Names = None) -> None:
    """Run services until SIGTERM; each has its own port, database, consumer, relay and jobs."""
    from chassis.service import serving  # it needs aiohttp and aiokafka, for which other commands should not wait

    serving.serve(NAME, configured(names))


@app.command()
def health(names: Names = None) -> None:
    """Ask the services that run here whether they are ready: exit code 0, or 1 and why not."""
    asked = [(service.name, settings.admin_host, settings.admin_port) for service, settings in configured(names)]
    reasons = [unready(*one) for one in asked]
    for sentence in filter(None, reasons):
        typer.echo(sentence, err=True)
    raise typer.Exit(any(reasons))


@app.command()
def migrate(names: Names = None) -> None:
    """Bring the databases to these programs' migrations; safe to repeat."""
    services = configured(names)
    logs.configure(NAME, services[0][1].log_level)
    asyncio.run(_migrate(services))


@app.command()
def doctor(names: Names = None, *, as_json: doctoring.AsJson = False) -> None:
    """Look what is wrong with all that services need, and say what to do next."""
    doctoring.show(doctoring.examine_all(configured(names)), as_json=as_json)


@app.command("secrets")
def make_secrets(
    directory: Annotated[Path, typer.Argument(help="Where a directory for each program is made.")],
    alias_domain: Annotated[str, typer.Option(help="The domain of the aliases, for which mail is signed.")],
) -> None:
    """Make the secrets that are missing, as files; safe to repeat."""
    from kontor.secrets import make

    typer.echo(f"{make(directory, alias_domain)} secrets made")


@app.command()
def broker(
    passwords: Annotated[
        Path | None, typer.Option(help="Files with the services' passwords, for users (SCRAM).")
    ] = None,
) -> None:
    """Make Kafka's topics, the services' users and their rights, by the variables KAFKA_...; safe to repeat."""
    from confluent_kafka import KafkaException

    from kontor.broker import BrokerSettings, prepare, refused

    try:
        settings = read_settings(NAME, BrokerSettings)
        for line in prepare(settings, map(service_of, SERVICES), passwords):
            typer.echo(line)
    except KafkaException as error:
        raise refused(error) from None


@app.command()
def databases(
    passwords: Annotated[Path, typer.Option(help="A directory with a file of each service's name.")],
    url: Annotated[str, typer.Option(envvar="DATABASE_URL", help="The server, with a user who may make roles.")],
    password_file: Annotated[Path | None, typer.Option(envvar="DATABASE_PASSWORD_FILE", help="Its password.")] = None,
) -> None:
    """Make a role and a database for each service, and set the roles' passwords; safe to repeat."""
    if not is_database(url):
        raise typer.BadParameter(DATABASE_FORM, param_hint="DATABASE_URL")
    secrets = {name.replace("-", "_"): read_secret(passwords / name) for name in SERVICES}
    password = read_secret(password_file) if password_file else None
    for line in asyncio.run(make_databases(url, password, secrets)):
        typer.echo(line)


@app.command("services")
def list_services() -> None:
    """Tell what each service is for, its commands, its ports and its database's variable."""
    described = [service_of(name) for name in SERVICES]
    programs = [typer.main.get_command(CommandLine(service).app()) for service in described]
    commands = [list(getattr(one, "commands", {})) for one in programs]
    every = {*commands[0]}.intersection(*commands)
    for service, its in zip(described, commands, strict=True):
        own = "|".join(command for command in its if command not in every)
        typer.echo(f"{service.name}\n  {service.description}")
        typer.echo(f"  commands: python -m {service.package} {own or '--help'}")
        typer.echo(f"  settings: {', '.join(_setting(service, field) for field in SHOWN)}")
    typer.echo(f"Every service has besides: {'|'.join(command for command in commands[0] if command in every)}")


pass_on(app)


def configured(names: list[str] | None) -> Configured:
    """Return services with their settings; prints what is missing or wrong in any of them and exits with code 2.

    A service reads `ORDERS_DATABASE_URL` before `DATABASE_URL`.
    """
    if unknown := [name for name in names or [] if name not in SERVICES]:
        raise typer.BadParameter(f"There is no service {', '.join(unknown)}; there are {', '.join(SERVICES)}.")
    found: Configured = []
    chosen = dict.fromkeys(names or SERVICES)
    for name in chosen:
        service = service_of(name)
        try:
            found.append((service, service.terminal.settings))
        except typer.Exit:
            continue  # it has printed why; the others may have something to say too
    if len(found) < len(chosen):
        typer.echo("A variable without the prefix of a service counts for all services.", err=True)
        raise typer.Exit(2)
    return found


def _setting(service: Service[Any], field: str) -> str:
    """Say what a setting is, but of a database only whether it is set: its address may hold a password."""
    own, plain = f"{prefix_of(service.name)}{field}".upper(), field.upper()
    value = os.environ.get(own, os.environ.get(plain))
    if field == "database_url":
        return f"{own} ({'not set' if value is None else 'set'})"
    return f"{own} {service.settings.model_fields[field].default if value is None else value}"


async def _migrate(services: Configured) -> None:
    await asyncio.gather(*(migration.migrate(settings.dsn, service.series) for service, settings in services))


def main() -> None:
    """Do what the command line says."""
    program.run(app, NAME, NAME)


if __name__ == "__main__":
    main()
