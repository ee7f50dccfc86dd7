"""The operator's commands: filling a stock from a file."""

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from chassis.db import Begin
from chassis.service import Terminal

from licensing.domain.serials import FileEmpty, FileNotText, FileTooLong, SerialsRefused
from licensing.domain.stock import SKU
from licensing.usecases.importing import Import, import_serials, seal_file
from licensing.usecases.vault import Vault

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file with one serial per line.")]
Sku = Annotated[str, typer.Option(help="The SKU whose stock is filled.")]
Tenant = Annotated[str, typer.Option(help="The tenant who sells it.")]
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
    def import_(file: File, sku: Sku, tenant: Tenant, *, skip_duplicates: Skip = False) -> None:
        """Put the serials of a file in stock: all of them, or none where a line is faulty or repeated."""
        if not re.fullmatch(SKU, sku):
            raise typer.BadParameter("a SKU has letters, digits, dots and dashes", param_hint="--sku")
        vault = Vault.from_file(terminal.settings.license_key_file)

        async def work(begin: Begin) -> Import:
            sealed = seal_file(file.read_bytes(), vault)
            async with begin() as tx:
                return await import_serials(tx, tenant, sku, sealed, "command", skip_duplicates=skip_duplicates)

        try:
            imported = terminal.run(work)
        except (FileEmpty, FileNotText, FileTooLong) as error:
            _refuse(str(error.__doc__))
        except SerialsRefused as refused:
            _refuse(f"{refused.__doc__} {_lines(refused.facts)}")
        else:
            skipped = f" ({_lines(imported.report)})" if _lines(imported.report) else ""
            before = f" This file was imported before, at {imported.imported_at:%Y-%m-%d %H:%M}." * imported.before
            typer.echo(
                f"{0 if imported.before else imported.taken} serials of {sku} were put in stock{skipped}.{before}"
            )

    return app


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
