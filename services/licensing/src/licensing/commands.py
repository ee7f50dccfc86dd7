"""The operator's commands: filling a stock from a file."""

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from chassis.db import Begin
from chassis.lists import FileEmpty, FileNotText, FileTooLong, Options
from chassis.service import Terminal

from licensing.domain.serials import SerialsRefused
from licensing.domain.stock import SKU
from licensing.usecases.importing import Import, import_serials, preview, retry_unreadable, seal_file
from licensing.usecases.vault import Vault

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A text or CSV file with one serial a line.")]
Sku = Annotated[str, typer.Option(help="The SKU whose stock is filled.")]
Tenant = Annotated[str, typer.Option(help="The tenant who sells it.")]
Column = Annotated[str | None, typer.Option(help="The serials' column, where there are several: heading or number.")]
OtherMakers = Annotated[bool, typer.Option(help="What looks like a generated key is another maker's.")]
TakeUnlike = Annotated[bool, typer.Option(help="Take also what is unlike all other lines.")]
DryRun = Annotated[bool, typer.Option(help="Show what would happen, and take nothing.")]
Skip = Annotated[bool, typer.Option(help="Take the rest where lines repeat or are in stock.")]


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
        file: File,
        sku: Sku,
        tenant: Tenant,
        *,
        column: Column = None,
        other_makers: OtherMakers = False,
        take_unlike: TakeUnlike = False,
        skip_duplicates: Skip = False,
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
                    return await preview(tx, tenant, sku, sealed)
                return await import_serials(tx, tenant, sku, sealed, "command")

        try:
            imported = terminal.run(work)
        except (FileEmpty, FileNotText, FileTooLong) as error:
            _refuse(str(error.__doc__))
        except SerialsRefused as refused:
            _refuse(f"{refused.__doc__} {_lines(refused.facts)}")
        else:
            typer.echo(_outcome(sku, imported, dry_run=dry_run))

    @serials.command("retry")
    def retry(sku: Sku, tenant: Tenant) -> None:
        """Put serials that did not open back in stock where they open now."""
        _check(sku)
        vault = Vault.from_file(terminal.settings.license_key_file)

        async def work(begin: Begin) -> tuple[int, int]:
            async with begin() as tx:
                return await retry_unreadable(tx, tenant, sku, vault)

        back, left = terminal.run(work)
        typer.echo(f"{back} serials of {sku} are in stock again, {left} do not open.")

    return app


def _check(sku: str) -> None:
    if not re.fullmatch(SKU, sku):
        raise typer.BadParameter("a SKU has letters, digits, dots and dashes", param_hint="--sku")


def _outcome(sku: str, imported: Import, *, dry_run: bool) -> str:
    lines = _lines(imported.report)
    if imported.imported_at is not None and imported.before:
        return f"This file was imported before, at {imported.imported_at:%Y-%m-%d %H:%M}: nothing was put in stock."
    would = "would be" if dry_run else "were"
    return f"{imported.taken} serials of {sku} {would} put in stock{f' ({lines})' if lines else ''}."


def _refuse(sentence: str) -> None:
    typer.echo(sentence.strip(), err=True)
    sys.exit(1)


def _lines(facts: Any) -> str:
    """How many lines have which fault, and the first of them; never what stands in them."""
    faults = [
        f"{name.replace('_', ' ')}: {found['count']}, lines {', '.join(_line(line) for line in found['lines'][:10])}"
        for name, found in facts.items()
        if found["count"]
    ]
    return "; ".join(faults)


def _line(line: Any) -> str:
    return f"{line['line']} ({line['rule']})" if isinstance(line, dict) else str(line)
