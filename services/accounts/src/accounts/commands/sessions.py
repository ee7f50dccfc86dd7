"""Commands for where somebody is signed in."""

from typing import Annotated

import typer
from chassis.service import Terminal
from contracts.emails import EmailMalformed

from accounts.commands.running import refuse, transact
from accounts.domain.people import CustomerUnknown
from accounts.settings import Settings
from accounts.usecases import sessions as usecases

Text = Annotated[str, typer.Option()]
NOBODY = "Nobody signs in with this tenant and e-mail address."


def sessions(terminal: Terminal[Settings]) -> typer.Typer:
    """Return the commands for sessions."""
    app = typer.Typer(no_args_is_help=True)

    @app.command("list")
    def list_(tenant: Text, email: Text) -> None:
        """Show somebody's newest sessions that have not ended."""
        try:
            found = transact(terminal, lambda tx, kms: usecases.of_email(tx, tenant, email, kms))
        except (EmailMalformed, CustomerUnknown):
            raise refuse(NOBODY) from None
        for one in found:
            times = f"began {one.began_at:%Y-%m-%d %H:%M:%S}  used {one.used_at:%Y-%m-%d %H:%M:%S}"
            device = f"{one.browser or '?'} on {one.system or '?'}"
            typer.echo(f"{one.id}  {times}  {' '.join(one.methods)}  {device}")
        if not found:
            typer.echo("there is none")

    @app.command()
    def end(tenant: Text, email: Text) -> None:
        """End all sessions of somebody; access tokens that they still have expire within 10 minutes."""
        try:
            count = transact(terminal, lambda tx, kms: usecases.end_by_operator(tx, tenant, email, kms))
        except (EmailMalformed, CustomerUnknown):
            raise refuse(NOBODY) from None
        typer.echo(f"ended: {count}")

    return app
