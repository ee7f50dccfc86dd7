"""All services in one process:  python -m kontor serve|migrate [SERVICES...]."""

import asyncio
from importlib import import_module
from typing import Annotated, Any

import typer
from chassis.config import ServiceSettings
from chassis.db import migration
from chassis.service import Service, Terminal, program, serving
from chassis.telemetry import logs
from contracts.topics import SERVICES


def complete(begun: str) -> list[str]:
    """Return the services whose names begin so."""
    return [name for name in SERVICES if name.startswith(begun)]


Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SERVICES]...", help="Which; all of them if left out.", autocompletion=complete),
]
Configured = list[tuple[Service[Any], ServiceSettings]]
NAME = "kontor"

app = program.new_app("All services of Kontor in one process.", epilog=f"Services: {', '.join(SERVICES)}.")


@app.command()
def serve(names: Names = None) -> None:
    """Run services until SIGTERM; each has its own port, database, consumer, relay and jobs."""
    serving.serve(NAME, configured(names))


@app.command()
def migrate(names: Names = None) -> None:
    """Bring the databases to these programs' migrations; safe to repeat."""
    services = configured(names)
    logs.configure(NAME, services[0][1].log_level)
    asyncio.run(_migrate(services))


def configured(names: list[str] | None) -> Configured:
    """Return services with their settings; prints what is missing or wrong in any of them and exits with code 2.

    A service reads `ORDERS_DATABASE_URL` before `DATABASE_URL`.
    """
    if unknown := [name for name in names or [] if name not in SERVICES]:
        raise typer.BadParameter(f"There is no service {', '.join(unknown)}; there are {', '.join(SERVICES)}.")
    found: Configured = []
    chosen = dict.fromkeys(names or SERVICES)
    for name in chosen:
        package = name.replace("-", "_")
        service: Service[Any] = import_module(f"{package}.__main__").service
        try:
            found.append((service, Terminal(name, service.settings, prefix_of(name)).settings))
        except typer.Exit:
            continue  # it has printed why; the others may have something to say too
    if len(found) < len(chosen):
        typer.echo("A variable without the prefix of a service counts for all services.", err=True)
        raise typer.Exit(2)
    return found


def prefix_of(name: str) -> str:
    """Return what the variables of one service alone begin with."""
    return f"{name.replace('-', '_').upper()}_"


async def _migrate(services: Configured) -> None:
    await asyncio.gather(*(migration.migrate(settings.dsn, service.series) for service, settings in services))


def main() -> None:
    """Do what the command line says."""
    program.run(app, NAME, NAME)


if __name__ == "__main__":
    main()
