"""The command that makes an older master key superfluous."""

import typer
from chassis.db import Begin
from chassis.identity import MasterKey, SealBroken
from chassis.service import Terminal

from accounts.commands.running import refuse
from accounts.settings import Settings
from accounts.store import wrapped
from accounts.usecases import rewrapping
from accounts.usecases.key_management import KeyManagement


def master_key(terminal: Terminal[Settings]) -> typer.Typer:
    """Return the commands for the master key."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def about() -> None:
        """The key that wraps all others."""

    @app.command()
    def rewrap() -> None:
        """Wrap every key anew with the newest master key of MASTER_KEY_FILE, with progress; may be repeated.

        Restart all replicas with the new file first, else they go on wrapping with the older key. When this has
        ended, the older lines can be taken out of the file; repeated then, it shows that everything still opens.
        """
        kms = KeyManagement(MasterKey.from_file(terminal.settings.master_key_file))
        try:
            terminal.run(lambda begin: _rewrap(begin, kms))
        except SealBroken as broken:
            raise refuse(f"Stopped: {broken}. What was wrapped anew stays so; complete the file and repeat.") from None
        typer.echo("all keys are wrapped with the newest master key")

    return app


async def _rewrap(begin: Begin, kms: KeyManagement) -> None:
    for shelf in wrapped.SHELVES:
        done, last = 0, None
        async with begin() as tx:
            total = await wrapped.count(tx, shelf)
        while True:
            async with begin() as tx:
                found = await rewrapping.rewrap(tx, shelf, last, kms)
            if not found:
                break
            done, last = done + len(found), found[-1]
            typer.echo(f"{shelf.table}: {done} of {total}")
