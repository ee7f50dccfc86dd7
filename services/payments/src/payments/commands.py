"""The operator's commands."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from chassis.db import Begin
from chassis.refusals import sentence
from chassis.service import Terminal

from payments.clients import camt
from payments.domain.statements import StatementUnreadable
from payments.usecases.archives import FileResult, import_files

OPERATOR = "operator"


def commands(terminal: Terminal[Any]) -> typer.Typer:
    """Return the commands beside those that every service has."""
    app = typer.Typer()
    statement = typer.Typer(no_args_is_help=True)
    app.add_typer(statement, name="statement", help="Statements of the sellers' bank accounts.")

    @statement.callback()
    def about() -> None:
        """Statements of the sellers' bank accounts."""

    @statement.command("import")
    def import_(
        file: Annotated[
            Path, typer.Argument(exists=True, dir_okay=False, help="A camt.053 or camt.054 file, or a ZIP of them.")
        ],
        tenant: Annotated[str, typer.Option(help="The tenant whose seller has the account.")],
    ) -> None:
        """Book a file's credits; the same file again changes nothing and is answered the same.

        Ends with 1 where it, or one of an archive's files, is refused.
        """
        content = file.read_bytes()
        archive = camt.is_archive(content)

        async def work(begin: Begin) -> list[FileResult]:
            async with camt.aside(sum(len(one) for _, one in files)) as run:
                return await import_files(begin, tenant, files, camt.read, OPERATOR, run)

        try:
            files = camt.unpack(content) if archive else [(file.name, content)]
            results = terminal.run(work)
        except StatementUnreadable as error:
            results = [FileResult(file.name, error)]
        imported = [one for one in results if not isinstance(one.imported, Exception)]
        if imported:
            shown = {"files": imported} if archive else imported[0].imported
            typer.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
        for one in results:
            if isinstance(one.imported, Exception):
                facts = ", ".join(getattr(one.imported, "facts", {}).values())
                reason = sentence(type(one.imported)) + (f" ({facts})" if facts else "")
                typer.echo(f"{one.name!r}: {reason}", err=True)
        if len(imported) < len(results):
            raise typer.Exit(1)

    return app
