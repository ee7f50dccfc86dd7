"""What operators do: load the programme, fill a voucher's pool."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from chassis.db import Begin
from chassis.lists import Fault, FileRefused, Options
from chassis.service import (
    Column,
    DryRun,
    ListFile,
    SkipDuplicates,
    TakeUnlike,
    Terminal,
    list_refusals,
    show_lines,
)

from rewards.domain.rewards import RewardUnknown
from rewards.usecases import programme
from rewards.usecases.codes import Filling, import_codes, preview, retry_unreadable, seal_codes
from rewards.usecases.programme_file import read_programme

TenantName = Annotated[str, typer.Option("--tenant", help="The tenant whose programme this is.")]
FileName = Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)]
Past = Annotated[bool, typer.Option(help="Post and take back points of meetings that were held already.")]
Correct = Annotated[bool, typer.Option(help="Replace versions that are known under the same valid_from.")]
RewardName = Annotated[str, typer.Option("--reward", help="The voucher of the catalogue.")]


def commands(terminal: Terminal[Any]) -> typer.Typer:
    """Return the commands of rewards."""
    app = typer.Typer()
    codes = typer.Typer(no_args_is_help=True)
    app.add_typer(codes, name="codes", help="Pools of voucher codes.")

    @app.command("load")
    def load(
        file: FileName, tenant: TenantName, *, past: Past = False, correct: Correct = False, dry_run: DryRun = False
    ) -> None:
        """Load rules and catalogue from a YAML file; safe to repeat, and nothing is kept of a file with faults."""
        try:
            read = read_programme(file.read_bytes())
        except FileRefused as refused:
            raise _refuse(file, refused.faults) from None
        allowed = programme.Permission(correct=correct, past=past, store=not dry_run)

        async def work(begin: Begin) -> programme.Outcome:
            async with begin() as tx:
                return await programme.load(tx, tenant, read.rules, read.rewards, allowed)

        outcome = terminal.run(work)
        if outcome.faults:
            raise _refuse(file, [read.fault(*fault) for fault in outcome.faults])
        effect = outcome.effect
        if effect.members:
            verb = "posted" if outcome.stored else "would be posted"
            typer.echo(
                f"of meetings held already {effect.posted} points {verb}, {effect.reversed} taken back, "
                f"of {effect.members} members"
            )
        typer.echo(f"{outcome.rules} new versions of rules, {outcome.rewards} new or changed rewards")
        if not outcome.stored and not dry_run:
            typer.echo("nothing was loaded: say --past where this is meant", err=True)
            raise typer.Exit(1)

    @codes.command("import")
    def import_(
        file: ListFile,
        reward: RewardName,
        tenant: TenantName,
        *,
        column: Column = None,
        take_unlike: TakeUnlike = False,
        skip_duplicates: SkipDuplicates = False,
        dry_run: DryRun = False,
    ) -> None:
        """Put the codes of a list, one a line, into a voucher's pool: all, or none where a line is at fault."""
        vault, options = terminal.settings.vault, Options(column, take_unlike, skip_duplicates)
        do = preview if dry_run else import_codes

        async def work(begin: Begin) -> Filling:
            listed = seal_codes(file.read_bytes(), vault, options)
            async with begin() as tx:
                return await do(tx, tenant, reward, listed)

        with _refusals(), list_refusals(file):
            filled = terminal.run(work)
        show_lines(file, filled.report)
        known = filled.report["known"]["count"]
        typer.echo(f"{filled.taken} codes {'would be ' if dry_run else ''}imported, {known} known before")

    @codes.command("retry")
    def retry(reward: RewardName, tenant: TenantName) -> None:
        """Put codes that did not open back into the pool where they open now."""
        vault = terminal.settings.vault

        async def work(begin: Begin) -> tuple[int, int]:
            async with begin() as tx:
                return await retry_unreadable(tx, tenant, reward, vault)

        with _refusals():
            back, left = terminal.run(work)
        typer.echo(f"{back} codes are in the pool again, {left} do not open")

    @codes.callback()
    def about() -> None:
        """Pools of voucher codes."""

    return app


@contextmanager
def _refusals() -> Generator[None]:
    """Print that there is no such voucher, and end the command."""
    try:
        yield
    except RewardUnknown:
        typer.echo("there is no such voucher in the catalogue", err=True)
        raise typer.Exit(1) from None


def _refuse(file: Path, faults: list[Fault]) -> typer.Exit:
    for fault in sorted(faults, key=lambda fault: fault.line):
        typer.echo(f"{file.name}:{fault}", err=True)
    return typer.Exit(1)
