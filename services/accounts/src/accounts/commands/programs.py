"""What operators do: open tenants, add and remove services, rotate signing keys, read the report of erasures."""

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from chassis.config import Clock, read_given, read_secrets
from chassis.db import Tx
from chassis.lists import FileRefused
from chassis.service import Terminal

from accounts.commands import tenant_file
from accounts.commands.master_key import master_key
from accounts.commands.running import refuse, transact
from accounts.commands.search import search
from accounts.commands.second_factor import second_factor
from accounts.commands.sessions import sessions
from accounts.commands.staff import staff
from accounts.domain.erasure import DestroyedKey, is_complete
from accounts.settings import Settings
from accounts.store import erasures as erasures_store
from accounts.store import signing_keys as signing_keys_store
from accounts.store import tenants
from accounts.usecases import provisioning
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.tokens import TokenIssuer

PAGE = 500
SHORTEST_SECRET = 32
SERVICE = re.compile(r"[a-z][a-z0-9-]{0,63}")
Readable = Annotated[Path, typer.Option(exists=True, dir_okay=False, readable=True)]
Secret = Annotated[Path, typer.Option(dir_okay=False, help="A file; - is what is piped in.")]
Directory = Annotated[Path, typer.Argument(exists=True, file_okay=False)]


def commands(terminal: Terminal[Settings]) -> typer.Typer:
    """Return the commands that accounts has beside those of every service."""
    app = typer.Typer(no_args_is_help=True)
    app.add_typer(tenant(terminal), name="tenant", help="Tenants and their sellers.")
    app.add_typer(staff(terminal), name="staff", help="Who works for a tenant.")
    app.add_typer(service(terminal), name="service", help="The credentials of services.")
    app.add_typer(second_factor(terminal), name="second-factor", help="For those who have lost theirs.")
    app.add_typer(sessions(terminal), name="sessions", help="Where somebody is signed in.")
    app.add_typer(master_key(terminal), name="master-key", help="The key that wraps all others.")
    app.add_typer(search(terminal), name="search", help="By what orders are found.")
    app.add_typer(signing_keys(terminal), name="signing-keys", help="The keys that sign tokens.")
    add_report(app, terminal)
    return app


def tenant(terminal: Terminal[Settings]) -> typer.Typer:
    """Return the commands for tenants."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def about() -> None:
        """Tenants and their sellers."""

    @app.command("open")
    def open_(file: Readable) -> None:
        """Make a tenant what its file says; the first time it is opened, an unchanged file changes nothing."""
        try:
            wanted = tenant_file.read(file)
        except FileRefused as refused:
            raise refuse(*(f"{file}:{fault}" for fault in refused.faults)) from None
        except OSError as error:
            raise refuse(f"{file}: cannot be read: {error.strerror}") from None
        done = transact(terminal, lambda tx, kms: provisioning.open_tenant(tx, wanted, kms))
        typer.echo(f"{wanted.id}: {done}")

    return app


def service(terminal: Terminal[Settings]) -> typer.Typer:
    """Return the commands for services."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def about() -> None:
        """The credentials of services."""

    def introduce(files: dict[str, Path]) -> None:
        try:
            secrets = {name: read_secrets(file, read_given) for name, file in files.items()}
        except ValueError as error:
            raise refuse(f"{error}.") from None
        except OSError as error:
            raise refuse(f"{error.filename}: {error.strerror}.") from None
        if not all(SERVICE.fullmatch(name) for name in secrets):
            raise refuse("A service's name has small letters, digits and hyphens.")
        if any(len(secret) < SHORTEST_SECRET for known in secrets.values() for secret in known):
            raise refuse(f"A service's secret has at least {SHORTEST_SECRET} random characters.")

        async def add_services(tx: Tx, _: KeyManagement) -> None:
            for name, known in secrets.items():
                await provisioning.add_service(tx, name, known)

        transact(terminal, add_services)
        typer.echo(f"{', '.join(secrets)} may identify themselves")

    @app.command("add")
    def add(name: str, secret_file: Secret) -> None:
        """Let a service identify itself with the secret in this file, or two, a line each, and with no other."""
        introduce({name: secret_file})

    @app.command("add-all")
    def add_all(directory: Directory, names: list[str]) -> None:
        """Let these services identify themselves, each with the secret in the directory's file of its name."""
        if missing := [name for name in names if not (directory / name).is_file()]:
            raise refuse(f"There is no secret for {', '.join(missing)} in this directory.")
        introduce({name: directory / name for name in names})

    @app.command()
    def remove(name: str) -> None:
        """Let a service that is not installed any more identify itself no longer; erasures do not wait for it."""
        done = transact(terminal, lambda tx, _: provisioning.remove_service(tx, name))
        typer.echo("removed" if done else "there was none")

    return app


def signing_keys(terminal: Terminal[Settings]) -> typer.Typer:
    """Return the commands for signing keys."""
    app = typer.Typer(no_args_is_help=True)

    @app.command("list")
    def list_() -> None:
        """Show the published keys in the order in which they sign."""
        for key in transact(terminal, lambda tx, _: signing_keys_store.published(tx)):
            typer.echo(f"{key.id}  signs from {key.signs_from:%Y-%m-%d %H:%M:%S}")

    @app.command()
    def rotate(*, at_once: bool = False) -> None:
        """Publish a new key, which signs after 5.5 minutes; with --at-once all others, and their tokens, end now."""
        clock = Clock(terminal.settings.clock_file)
        transact(terminal, lambda tx, kms: TokenIssuer(kms.master, clock).rotate(tx, at_once=at_once))
        list_()

    return app


def add_report(app: typer.Typer, terminal: Terminal[Settings]) -> None:
    """Add the report of erasures."""

    @app.command()
    def erasures(tenant: str | None = None, limit: int = PAGE) -> None:
        """Show the newest erasures, what was destroyed, and which services have not confirmed."""

        async def newest(tx: Tx, _: KeyManagement) -> tuple[datetime, list[tuple[str, erasures_store.Erasure]]]:
            ids = await tenants.ids(tx) if tenant is None else [tenant]
            return tx.now, [(id_, found) for id_ in ids for found in await erasures_store.newest(tx, id_, None, limit)]

        now, found = transact(terminal, newest)
        for tenant_id, erasure in found:
            keys = [DestroyedKey(key.destroyed_at, frozenset(key.confirmed)) for key in erasure.keys]
            done = is_complete(keys, erasure.expected_services, now)
            typer.echo(f"{tenant_id}  {erasure.customer_id}  {'complete' if done else 'not complete'}")
            for key in erasure.keys:
                when = f"destroyed {key.destroyed_at:%Y-%m-%d %H:%M:%S}" if key.destroyed_at else "still needed"
                missing = ", ".join(sorted(set(erasure.expected_services) - key.confirmed.keys())) or "nobody"
                typer.echo(f"  {key.kind}  {key.id}  {when}  missing: {missing}")
        if not found:
            typer.echo("nobody has been erased")
