"""What operators do: load the programme, fill a voucher's pool."""

from pathlib import Path
from typing import Annotated, Any

import typer
from chassis.db import Begin
from chassis.service import Terminal

from rewards.commands.code_file import read_codes
from rewards.commands.faults import Fault, FileRefused
from rewards.commands.programme_file import read_programme
from rewards.domain.rewards import RewardUnknown
from rewards.usecases import programme

TenantName = Annotated[str, typer.Option("--tenant", help="The tenant whose programme this is.")]
FileName = Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)]
RewardName = Annotated[str, typer.Option("--reward", help="The voucher of the catalogue.")]


def commands(terminal: Terminal[Any]) -> typer.Typer:
    """Return the commands of rewards."""
    app = typer.Typer()
    codes = typer.Typer(no_args_is_help=True)
    app.add_typer(codes, name="codes", help="Pools of voucher codes.")

    @app.command("load")
    def load(file: FileName, tenant: TenantName) -> None:
        """Load rules and catalogue from a YAML file; safe to repeat, and nothing is kept of a file with faults."""
        try:
            read = read_programme(file.read_bytes())
        except FileRefused as refused:
            raise _refuse(file, refused.faults) from None

        async def work(begin: Begin) -> programme.Outcome:
            async with begin() as tx:
                return await programme.load(tx, tenant, read.rules, read.rewards)

        outcome = terminal.run(work)
        if outcome.faults:
            raise _refuse(file, [read.fault(*fault) for fault in outcome.faults])
        typer.echo(f"{outcome.rules} new versions of rules, {outcome.rewards} new or changed rewards")

    @codes.command("import")
    def import_(file: FileName, reward: RewardName, tenant: TenantName) -> None:
        """Put the codes of a file, one a line, into a voucher's pool; those known are left out."""
        try:
            read = read_codes(file.read_bytes())
        except FileRefused as refused:
            raise _refuse(file, refused.faults) from None

        async def work(begin: Begin) -> int:
            async with begin() as tx:
                return await programme.import_codes(tx, tenant, reward, read)

        try:
            added = terminal.run(work)
        except RewardUnknown:
            typer.echo("there is no such voucher in the catalogue", err=True)
            raise typer.Exit(1) from None
        typer.echo(f"{added} codes imported, {len(read) - added} known before")

    @codes.callback()
    def about() -> None:
        """Pools of voucher codes."""

    return app


def _refuse(file: Path, faults: list[Fault]) -> typer.Exit:
    for fault in sorted(faults, key=lambda fault: fault.line):
        typer.echo(f"{file.name}:{fault.line}: {fault.text}", err=True)
    return typer.Exit(1)
