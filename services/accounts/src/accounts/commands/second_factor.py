"""Commands for those who have lost their second factor."""

from typing import Annotated

import typer
from chassis.db import Begin
from chassis.identity.sealing import MasterKey
from chassis.service import Terminal

from accounts.commands.refusing import refuse
from accounts.domain.people import CustomerUnknown, EmailMalformed, TenantUnknown
from accounts.settings import Settings
from accounts.usecases import enrolling
from accounts.usecases.vault import Vault

Text = Annotated[str, typer.Option()]


def second_factor(terminal: Terminal[Settings]) -> typer.Typer:
    """Commands for second factors."""
    app = typer.Typer(no_args_is_help=True)

    def vault() -> Vault:
        return Vault(MasterKey.from_file(terminal.settings.master_key_file))

    @app.command()
    def reset(tenant: Text, email: Text) -> None:
        """Remove the second factor of somebody who has lost it, and end their sessions; this stays on record.

        Make sure who asks: from then on the password alone is enough.
        """

        async def story(begin: Begin) -> bool:
            async with begin() as tx:
                return await enrolling.reset(tx, tenant, email, vault())

        try:
            done = terminal.run(story)
        except (TenantUnknown, EmailMalformed, CustomerUnknown):
            raise refuse("Nobody signs in with this tenant and e-mail address.") from None
        typer.echo("reset" if done else "there was none")

    @app.command()
    def history(tenant: Text, email: Text) -> None:
        """Show what has become of somebody's ways to sign in."""

        async def story(begin: Begin) -> list[str]:
            async with begin() as tx:
                return await enrolling.history(tx, tenant, email, vault())

        try:
            lines = terminal.run(story)
        except (TenantUnknown, EmailMalformed, CustomerUnknown):
            raise refuse("Nobody signs in with this tenant and e-mail address.") from None
        for line in lines or ["nothing is on record"]:
            typer.echo(line)

    return app
