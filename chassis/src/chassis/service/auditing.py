"""The operator's commands about the audit log: what is in it, and whether it is as it was written."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer
from pydantic_core import from_json

from chassis.audit.chain import Head, head_of, published_heads
from chassis.audit.chain import verify as verify_chain
from chassis.audit.store import since as acts_since
from chassis.db.transaction import Begin
from chassis.service.terminal import AsLines, Terminal, echo_json

SHOWN = ("number", "at", "tenant", "actor", "permission", "operation", "kind", "object_id", "purpose")
Logs = Annotated[list[Path] | None, typer.Option("--log", exists=True, help="A log where heads were published.")]
Since = Annotated[datetime | None, typer.Option(help="From this time on (UTC).")]


def audit(terminal: Terminal[Any]) -> typer.Typer:
    """Commands for the audit log."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def about() -> None:
        """What staff and operators did and read."""

    @app.command("list", epilog="Example:  audit list --since 2026-11-29 --limit 5")
    def list_(since: Since = None, limit: int = 50, *, as_json: AsLines = False) -> None:
        """Show the newest acts, the oldest of them first."""
        moment = since if since is None or since.tzinfo else since.replace(tzinfo=UTC)

        async def work(begin: Begin) -> Sequence[asyncpg.Record]:
            async with begin() as tx:
                return await acts_since(tx, moment, limit)

        for row in terminal.run(work):
            if as_json:
                facts = {name: from_json(row[name]) for name in ("before", "after")}
                echo_json(terminal.name, {name: row[name] for name in SHOWN} | facts)
                continue
            typer.echo(
                f"{row['number']}  {row['at']:%Y-%m-%d %H:%M:%S}  {row['tenant'] or '-'}  {row['actor']}"
                f" ({row['permission']})  {row['operation']}  {row['kind']} {row['object_id']}"
                f"{'  for ' + row['purpose'] if row['purpose'] else ''}  {row['before']} -> {row['after']}"
            )

    @app.command(epilog="Example:  audit verify --log /var/log/orders.log")
    def verify(log: Logs = None) -> None:
        """Find rows that were changed, removed, put in or put elsewhere, and name them.

        That the end was cut off, or all was written anew, is known by a log in which the service published its heads.
        """
        heads = {head for file in log or () for head in published_heads(file.open("rb"), terminal.name)}

        async def work(begin: Begin) -> tuple[list[str], Head | None]:
            async with begin() as tx:
                return await verify_chain(tx, heads), await head_of(tx)

        faults, head = terminal.run(work)
        for fault in faults:
            typer.echo(fault, err=True)
        if faults:
            raise typer.Exit(1)
        what = f"{head.number} rows, the last is {head.mark}" if head else "there is no row yet"
        typer.echo(f"the audit log is as it was written: {what}; {len(heads)} published heads compared")

    return app
