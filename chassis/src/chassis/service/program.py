"""A program at the terminal: its version, and what fails told in a sentence."""

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import asyncpg
import typer

from chassis.db.connections import DatabaseBusy
from chassis.db.migration import MigrationRefused
from chassis.telemetry.current import version_of

FAILURES = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, DatabaseBusy, MigrationRefused)


def new_app(description: str, epilog: str | None = None) -> typer.Typer:
    """Return a program without commands yet, which completes them where the shell knows it by a name of its own."""
    return typer.Typer(
        help=description,
        epilog=epilog,
        no_args_is_help=True,
        add_completion=_is_command(),
        pretty_exceptions_enable=False,
    )


def run(app: typer.Typer, name: str, package: str) -> None:
    """Do what the command line says; where a file or the database is not there, exit with code 1 and a sentence.

    Adds the option --version. What is a mistake in the program is raised.
    """
    app.callback()(_versioned(name))
    try:
        app(prog_name=Path(sys.argv[0]).name if _is_command() else f"python -m {package}")
    except FAILURES as error:
        typer.echo(f"{name}: {sentence(error)}", err=True)
        sys.exit(1)


def sentence(error: BaseException) -> str:
    """Return what went wrong and what to look at, without a secret."""
    match error:
        case MigrationRefused():
            return str(error)
        case OSError(filename=str(file)):
            return f"{file}: {error.strerror}. Look at the setting that names this file."
        case DatabaseBusy() | ConnectionError() | TimeoutError() | socket.gaierror():
            return "the database cannot be reached. Look at DATABASE_URL, and whether PostgreSQL runs there."
        case asyncpg.PostgresError():
            return f"the database refuses: {error}. Look at DATABASE_URL."
        case _:
            return str(error) or type(error).__name__


def _is_command() -> bool:
    """Return whether this was called as a command, not as `python -m`, which no shell can complete."""
    return Path(sys.argv[0]).name != "__main__.py"


def _versioned(name: str) -> Callable[..., None]:
    def show(wanted: bool) -> None:
        if wanted:
            typer.echo(f"{name} {version_of(name)}")
            raise typer.Exit

    option = typer.Option("--version", callback=show, is_eager=True, help="Show the version and exit.")

    def about(version: Annotated[bool, option] = False) -> None:
        del version

    return about
