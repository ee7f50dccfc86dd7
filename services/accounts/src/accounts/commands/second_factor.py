"""Commands for those who have lost their second factor."""

from typing import Annotated

import typer
from chassis.service import Terminal
from contracts.emails import EmailMalformed

from accounts.commands.running import refuse, transact
from accounts.domain.people import CustomerUnknown
from accounts.settings import Settings
from accounts.usecases import enrolling

Text = Annotated[str, typer.Option()]


def second_factor(terminal: Terminal[Settings]) -> typer.Typer:
    """Return the commands for second factors."""
    app = typer.Typer(no_args_is_help=True)

    @app.command()
    def reset(tenant: Text, email: Text) -> None:
        """Remove the second factor of somebody who has lost it, and end their sessions; this stays on record.

        Make sure who asks: from then on the password alone is enough.
        """
        try:
            done = transact(terminal, lambda tx, kms: enrolling.reset(tx, tenant, email, kms))
        except (EmailMalformed, CustomerUnknown):
            raise refuse("Nobody signs in with this tenant and e-mail address.") from None
        typer.echo("reset" if done else "there was none")

    @app.command()
    def history(tenant: Text, email: Text) -> None:
        """Show what has become of somebody's ways to sign in."""
        try:
            lines = transact(terminal, lambda tx, kms: enrolling.history(tx, tenant, email, kms))
        except (EmailMalformed, CustomerUnknown):
            raise refuse("Nobody signs in with this tenant and e-mail address.") from None
        for line in lines or ["nothing is on record"]:
            typer.echo(line)

    return app
