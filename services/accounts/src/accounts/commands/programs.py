"""What operators do: open tenants, add staff and services, rotate signing keys, read the report of erasures."""

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from chassis.config.clock import Clock
from chassis.config.settings import read_secret
from chassis.db import Begin
from chassis.identity.sealing import MasterKey
from chassis.service import Terminal

from accounts.commands import tenant_file
from accounts.commands.refusing import refuse
from accounts.commands.second_factor import second_factor
from accounts.domain.erasure import DestroyedKey, complete
from accounts.domain.people import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    STAFF_ROLES,
    EmailMalformed,
    EmailTaken,
    TenantUnknown,
)
from accounts.settings import Settings
from accounts.store import erasures as erasures_store
from accounts.store import signing_keys as signing_keys_store
from accounts.store import tenants
from accounts.usecases import house
from accounts.usecases.passwords import Passwords
from accounts.usecases.signing import Signing
from accounts.usecases.vault import Vault

PAGE = 500
SHORTEST_SECRET = 32
SERVICE = re.compile(r"[a-z][a-z0-9-]{0,63}")
Readable = Annotated[Path, typer.Option(exists=True, dir_okay=False, readable=True)]
Directory = Annotated[Path, typer.Argument(exists=True, file_okay=False)]


def commands(terminal: Terminal[Settings]) -> typer.Typer:
    """The commands that accounts has beside those of every service."""
    app = typer.Typer(no_args_is_help=True)
    app.add_typer(tenant(terminal), name="tenant", help="Tenants and their sellers.")
    app.add_typer(staff(terminal), name="staff", help="Who works for a tenant.")
    app.add_typer(service(terminal), name="service", help="The credentials of services.")
    app.add_typer(second_factor(terminal), name="second-factor", help="For those who have lost theirs.")
    app.add_typer(signing_keys(terminal), name="signing-keys", help="The keys that sign tokens.")
    add_report(app, terminal)
    return app


def tenant(terminal: Terminal[Settings]) -> typer.Typer:
    """Commands for tenants."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def about() -> None:
        """Tenants and their sellers."""

    @app.command("open")
    def open_(file: Readable) -> None:
        """Make a tenant what its file says; the first time it is opened, an unchanged file changes nothing."""
        try:
            wanted = tenant_file.read(file)
        except tenant_file.FileRefused as refused:
            raise refuse(*refused.faults) from None

        async def story(begin: Begin) -> str:
            async with begin() as tx:
                return await house.open_tenant(tx, wanted, _vault(terminal))

        typer.echo(f"{wanted.tenant}: {terminal.run(story)}")

    return app


def staff(terminal: Terminal[Settings]) -> typer.Typer:
    """Commands for staff."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def about() -> None:
        """Who works for a tenant."""

    @app.command("add")
    def add(
        tenant: Annotated[str, typer.Option()],
        email: Annotated[str, typer.Option()],
        name: Annotated[str, typer.Option()],
        role: Annotated[list[str], typer.Option(help=f"One of {', '.join(STAFF_ROLES)}; may be repeated.")],
        password_file: Readable,
    ) -> None:
        """Let somebody work for a tenant; repeated, it sets their name, roles and password to these."""
        password = read_secret(password_file)
        if unknown := sorted(set(role) - set(STAFF_ROLES)):
            raise refuse(f"There is no role {', '.join(unknown)}; there are {', '.join(STAFF_ROLES)}.")
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise refuse(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")

        async def story(begin: Begin) -> str:
            vault, passwords = _vault(terminal), Passwords()
            async with begin() as tx:
                return await house.add_staff(tx, tenant, email, name, sorted(set(role)), password, vault, passwords)

        try:
            done = terminal.run(story)
        except TenantUnknown:
            raise refuse(f"There is no tenant {tenant}; open it first.") from None
        except EmailMalformed:
            raise refuse("This is not an e-mail address.") from None
        except EmailTaken:
            raise refuse("This e-mail address is a customer's.") from None
        typer.echo(done)

    return app


def service(terminal: Terminal[Settings]) -> typer.Typer:
    """Commands for services."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def about() -> None:
        """The credentials of services."""

    def introduce(secrets: dict[str, str]) -> None:
        if not all(SERVICE.fullmatch(name) for name in secrets):
            raise refuse("A service's name has small letters, digits and hyphens.")
        if any(len(secret) < SHORTEST_SECRET for secret in secrets.values()):
            raise refuse(f"A service's secret has at least {SHORTEST_SECRET} random characters.")

        async def story(begin: Begin) -> None:
            async with begin() as tx:
                for name, secret in secrets.items():
                    await house.add_service(tx, name, secret)

        terminal.run(story)
        typer.echo(f"{', '.join(secrets)} may identify themselves")

    @app.command("add")
    def add(name: str, secret_file: Readable) -> None:
        """Let a service identify itself with the secret in this file, and with no other."""
        introduce({name: read_secret(secret_file)})

    @app.command("add-all")
    def add_all(directory: Directory, names: list[str]) -> None:
        """Let these services identify themselves, each with the secret in the directory's file of its name."""
        if missing := [name for name in names if not (directory / name).is_file()]:
            raise refuse(f"There is no secret for {', '.join(missing)} in this directory.")
        introduce({name: read_secret(directory / name) for name in names})

    return app


def signing_keys(terminal: Terminal[Settings]) -> typer.Typer:
    """Commands for signing keys."""
    app = typer.Typer(no_args_is_help=True)

    @app.command("list")
    def list_() -> None:
        """Show the published keys in the order in which they sign."""

        async def story(begin: Begin) -> list[signing_keys_store.Published]:
            async with begin() as tx:
                return await signing_keys_store.published(tx)

        for key in terminal.run(story):
            typer.echo(f"{key.kid}  signs from {key.signs_from:%Y-%m-%d %H:%M:%S}")

    @app.command()
    def rotate(*, at_once: bool = False) -> None:
        """Publish a new key, which signs after 5.5 minutes; with --at-once all others, and their tokens, end now."""

        async def story(begin: Begin) -> None:
            settings = terminal.settings
            signing = Signing(MasterKey.from_file(settings.master_key_file), Clock(settings.clock_file))
            async with begin() as tx:
                await signing.rotate(tx, at_once=at_once)

        terminal.run(story)
        list_()

    return app


def add_report(app: typer.Typer, terminal: Terminal[Settings]) -> None:
    """The report of erasures."""

    @app.command()
    def erasures(tenant: str | None = None, limit: int = PAGE) -> None:
        """Show the newest erasures, what was destroyed, and which services have not confirmed."""

        async def story(begin: Begin) -> tuple[datetime, list[tuple[str, erasures_store.Erasure]]]:
            async with begin() as tx:
                names = await tenants.names(tx) if tenant is None else [tenant]
                return tx.now, [
                    (name, found) for name in names for found in await erasures_store.newest(tx, name, None, limit)
                ]

        now, found = terminal.run(story)
        for name, erasure in found:
            keys = [DestroyedKey(key.destroyed_at, frozenset(key.confirmed)) for key in erasure.keys]
            done = complete(keys, erasure.expected, now)
            typer.echo(f"{name}  {erasure.customer}  {'complete' if done else 'not complete'}")
            for key in erasure.keys:
                when = f"destroyed {key.destroyed_at:%Y-%m-%d %H:%M:%S}" if key.destroyed_at else "still needed"
                missing = ", ".join(sorted(set(erasure.expected) - key.confirmed.keys())) or "nobody"
                typer.echo(f"  {key.kind}  {key.key}  {when}  missing: {missing}")
        if not found:
            typer.echo("nobody has been erased")


def _vault(terminal: Terminal[Settings]) -> Vault:
    return Vault(MasterKey.from_file(terminal.settings.master_key_file))
