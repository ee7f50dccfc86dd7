"""Commands for who works for a tenant."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from chassis.config import read_secret
from chassis.db import Tx
from chassis.service import Terminal
from contracts.emails import EmailMalformed

from accounts.commands.running import refuse, transact
from accounts.domain.guessing import is_guessable
from accounts.domain.people import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    STAFF_ROLES,
    CustomerUnknown,
    EmailTaken,
)
from accounts.settings import Settings
from accounts.usecases import staffing
from accounts.usecases.inviting_staff import Letter, write_as
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords

Text = Annotated[str, typer.Option()]
Readable = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, readable=True)]


class Language(StrEnum):
    """In which letters are written."""

    DE = "de"
    EN = "en"


def staff(terminal: Terminal[Settings]) -> typer.Typer:
    """Return the commands for staff."""
    app = typer.Typer(no_args_is_help=True)

    @app.command()
    def add(
        tenant: Text,
        email: Text,
        name: Text,
        role: Annotated[list[str], typer.Option(help=f"One of {', '.join(STAFF_ROLES)}; may be repeated.")],
        password_file: Readable = None,
        language: Annotated[Language, typer.Option(help="In which they are written to.")] = Language.DE,
    ) -> None:
        """Let somebody work for a tenant, and show an invitation with which they choose their password.

        Repeated, it sets their name and roles to these and invites them anew. Programs name the password in a file;
        that is refused where staff need a second factor, for then nobody but its owner may know a password.
        """
        if unknown := sorted(set(role) - set(STAFF_ROLES)):
            raise refuse(f"There is no role {', '.join(unknown)}; there are {', '.join(STAFF_ROLES)}.")
        if password_file and terminal.settings.staff_need_second_factor:
            raise refuse(
                "Here staff choose their own passwords: leave --password-file out, and hand on the invitation."
            )
        password = _password(password_file, name, email) if password_file else None
        roles, letter = sorted(set(role)), Letter(language, terminal.settings.workcenter.invitation_page(tenant))

        async def added(tx: Tx, kms: KeyManagement) -> staffing.Added:
            done = await staffing.add(tx, tenant, email, name, roles, password, kms, Passwords())
            await write_as(tx, tenant, done.member, letter)
            return done

        try:
            done = transact(terminal, added)
        except EmailMalformed:
            raise refuse("This is not an e-mail address.") from None
        except EmailTaken:
            raise refuse("This e-mail address is a customer's.") from None
        typer.echo("added" if done.new else "changed")
        if done.invitation:
            typer.echo(f"Counts once, within 3 days, to choose a password (POST /invitation): {done.invitation}")
        if done.passkeys:
            typer.echo(f"{done.passkeys} of their passkeys still sign in; `second-factor reset` removes them.")

    @app.command()
    def remove(tenant: Text, email: Text) -> None:
        """Let somebody work for a tenant no more: their login, second factor, passkeys and sessions end at once."""
        try:
            transact(terminal, lambda tx, kms: staffing.remove(tx, tenant, email, kms))
        except (EmailMalformed, CustomerUnknown):
            raise refuse("Nobody works for this tenant under this e-mail address.") from None
        typer.echo("removed; an access token that they still have expires within 10 minutes")

    return app


def _password(file: Path, name: str, email: str) -> str:
    password = read_secret(file)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise refuse(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    if is_guessable(password, name, email):
        raise refuse("This password is easy to guess.")
    return password
