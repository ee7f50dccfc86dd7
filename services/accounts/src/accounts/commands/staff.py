"""Commands for who works for a tenant."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from chassis.config import read_secret
from chassis.db import Tx
from chassis.lists import FileRefused
from chassis.service import Terminal
from contracts.emails import EmailMalformed

from accounts.commands import staff_file
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


@dataclass(frozen=True, slots=True)
class _Member:
    email: str
    name: str
    roles: Sequence[str]
    language: str
    password: str | None = field(repr=False)


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
        _refuse_passwords(terminal, [password_file])
        password = _password(password_file, name, email) if password_file else None
        _add(terminal, tenant, [_Member(email, name, role, language, password)])

    @app.command()
    def load(
        tenant: Text,
        file: Annotated[Path, typer.Option(exists=True, dir_okay=False, readable=True, help="YAML, see the README.")],
    ) -> None:
        """Let everybody whom a file names work for a tenant, or nobody where it has a fault; others stay as they are.

        Each is added or changed as by `add`, which also shows the invitations of those without a password.
        """
        try:
            described = staff_file.read(file)
        except FileRefused as refused:
            raise refuse(*(f"{file}:{fault}" for fault in refused.faults)) from None
        _refuse_passwords(terminal, [member.password_file for member in described])
        members = [
            _Member(
                one.email,
                one.name,
                one.roles,
                one.language,
                _password(one.password_file, one.name, one.email) if one.password_file else None,
            )
            for one in described
        ]
        _add(terminal, tenant, members)

    @app.command()
    def remove(tenant: Text, email: Text) -> None:
        """Let somebody work for a tenant no more: their login, second factor, passkeys and sessions end at once."""
        try:
            transact(terminal, lambda tx, kms: staffing.remove(tx, tenant, email, kms))
        except (EmailMalformed, CustomerUnknown):
            raise refuse("Nobody works for this tenant under this e-mail address.") from None
        typer.echo("removed; an access token that they still have expires within 10 minutes")

    return app


def _refuse_passwords(terminal: Terminal[Settings], files: Sequence[Path | None]) -> None:
    if any(files) and terminal.settings.staff_need_second_factor:
        raise refuse("Here staff choose their own passwords: leave password files out, and hand on the invitation.")


def _add(terminal: Terminal[Settings], tenant: str, members: Sequence[_Member]) -> None:
    page = terminal.settings.workcenter.invitation_page(tenant)

    async def added(tx: Tx, kms: KeyManagement) -> list[staffing.Added]:
        passwords, done = Passwords(), list[staffing.Added]()
        for one in members:
            roles = sorted(set(one.roles))
            done.append(await staffing.add(tx, tenant, one.email, one.name, roles, one.password, kms, passwords))
            await write_as(tx, tenant, done[-1].member, Letter(one.language, page))
        return done

    try:
        done = transact(terminal, added)
    except EmailMalformed:
        raise refuse("This is not an e-mail address.") from None
    except EmailTaken:
        raise refuse("This e-mail address is a customer's.") from None
    for member, one in zip(members, done, strict=True):
        typer.echo(("added" if one.new else "changed") + (f" {member.email}" if len(members) > 1 else ""))
        if one.invitation:
            typer.echo(f"Counts once, within 3 days, to choose a password (POST /invitation): {one.invitation}")
        if one.passkeys:
            typer.echo(f"{one.passkeys} of their passkeys still sign in; `second-factor reset` removes them.")


def _password(file: Path, name: str, email: str) -> str:
    try:
        password = read_secret(file)
    except (OSError, ValueError) as error:
        raise refuse(f"{file}: cannot be read as a password: {error}") from None
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise refuse(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    if is_guessable(password, name, email):
        raise refuse("This password is easy to guess.")
    return password
