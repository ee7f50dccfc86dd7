"""The operator's commands: filling a stock from a file."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from chassis.db import Begin
from chassis.lists import Options, refusal
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

from licensing.domain.licenses import SkuUnknown
from licensing.domain.stock import SKU
from licensing.usecases.importing import Import, import_serials, preview, retry_unreadable, seal_file
from licensing.usecases.vault import Vault

Sku = Annotated[str, typer.Option(help="The SKU whose stock is filled.")]
Tenant = Annotated[str, typer.Option(help="The tenant who sells it.")]
OtherMakers = Annotated[bool, typer.Option(help="What looks like a generated key is another maker's.")]


def commands(terminal: Terminal[Any]) -> typer.Typer:
    """Commands beside those that every service has."""
    app = typer.Typer()
    serials = typer.Typer(no_args_is_help=True)
    app.add_typer(serials, name="serials", help="Serials in stock.")

    @serials.callback()
    def about() -> None:
        """Serials in stock."""

    @serials.command("import")
    def import_(
        file: ListFile,
        sku: Sku,
        tenant: Tenant,
        *,
        column: Column = None,
        other_makers: OtherMakers = False,
        take_unlike: TakeUnlike = False,
        skip_duplicates: SkipDuplicates = False,
        dry_run: DryRun = False,
    ) -> None:
        """Put the serials of a list in stock: all, or none where a line is faulty, unlike all others, or repeated."""
        _check(sku)
        vault = Vault.from_file(terminal.settings.license_key_file)
        options = Options(column, take_unlike, skip_duplicates)

        async def work(begin: Begin) -> Import:
            sealed = seal_file(file.read_bytes(), vault, options, other_makers=other_makers)
            async with begin() as tx:
                if dry_run:
                    seen = await preview(tx, tenant, sku, sealed)
                    if not seen.before and sealed.reading.refused(options, seen.report["in_stock"]["lines"]):
                        raise refusal(seen.report)
                    return seen
                return await import_serials(tx, tenant, sku, sealed, "command")

        with _refusals(sku, tenant), list_refusals(file):
            imported = terminal.run(work)
        show_lines(file, imported.report)
        typer.echo(_outcome(sku, imported, dry_run=dry_run))

    @serials.command("retry")
    def retry(sku: Sku, tenant: Tenant) -> None:
        """Put serials that did not open back in stock where they open now."""
        _check(sku)
        vault = Vault.from_file(terminal.settings.license_key_file)

        async def work(begin: Begin) -> tuple[int, int]:
            async with begin() as tx:
                return await retry_unreadable(tx, tenant, sku, vault)

        with _refusals(sku, tenant):
            back, left = terminal.run(work)
        typer.echo(f"{back} serials of {sku} are in stock again, {left} do not open.")

    return app


def _check(sku: str) -> None:
    if not re.fullmatch(SKU, sku):
        raise typer.BadParameter("a SKU has letters, digits, dots and dashes", param_hint="--sku")


@contextmanager
def _refusals(sku: str, tenant: str) -> Generator[None]:
    """Print that no article has a SKU, and end the command."""
    try:
        yield
    except SkuUnknown:
        typer.echo(f"No article of {tenant} has the SKU {sku}; nothing was done.", err=True)
        typer.echo(
            f"An article is loaded with  catalog load FILE --tenant {tenant},"
            " and licensing knows of it a moment later, if it serves.",
            err=True,
        )
        raise typer.Exit(1) from None


def _outcome(sku: str, imported: Import, *, dry_run: bool) -> str:
    if imported.imported_at is not None and imported.before:
        return f"This file was imported before, at {imported.imported_at:%Y-%m-%d %H:%M}: nothing was put in stock."
    return f"{imported.taken} serials of {sku} {'would be' if dry_run else 'were'} put in stock."
