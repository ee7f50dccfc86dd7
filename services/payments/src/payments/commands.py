"""The operator's commands."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from chassis.db import Begin
from chassis.service import Terminal
from chassis.web import sentence

from payments.clients import camt
from payments.domain import statements as domain
from payments.store.statements import ImportResult
from payments.usecases.statements import import_statements

OPERATOR = "operator"
REFUSED = (
    domain.StatementUnreadable,
    domain.StatementCurrency,
    domain.StatementKnown,
    domain.AccountForeign,
    domain.RecordsKeyMissing,
)


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
        file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A camt.053 or camt.054 file.")],
        tenant: Annotated[str, typer.Option(help="The tenant whose seller has the account.")],
    ) -> None:
        """Book a statement's credits; the same file again changes nothing and is answered the same."""

        async def work(begin: Begin) -> ImportResult:
            return await import_statements(begin, tenant, parsed, OPERATOR)

        try:
            parsed = camt.parse(file.read_bytes())
            imported = terminal.run(work)
        except REFUSED as error:
            typer.echo(f"{sentence(type(error))} ({', '.join(getattr(error, 'facts', {}).values())})", err=True)
            raise typer.Exit(1) from None
        typer.echo(orjson.dumps(imported, option=orjson.OPT_INDENT_2).decode())

    return app
