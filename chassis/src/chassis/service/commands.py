"""The operator's commands that every service has: what waits, what is dead, try again, throw away."""

from typing import Annotated, Any

import typer

from chassis.consuming import parking
from chassis.db.transaction import Begin
from chassis.service.terminal import Terminal

Id = Annotated[int, typer.Argument(help="The event's id, as listed.")]
All = Annotated[bool, typer.Option("--all", help="Every dead event.")]
MaybeId = Annotated[int | None, typer.Argument(help="The event's id, as listed.")]


def parked(terminal: Terminal[Any]) -> typer.Typer:
    """Commands for what waits."""
    app = typer.Typer(no_args_is_help=True)

    @app.command("list")
    def list_(limit: int = 50) -> None:
        """Show the events that wait, the oldest first."""
        _show(terminal, "waiting", limit)

    @app.callback()
    def about() -> None:
        """Events that wait to be tried again, with all that follows them under the same topic and key."""

    return app


def dead(terminal: Terminal[Any]) -> typer.Typer:
    """Commands for what is dead."""
    app = typer.Typer(no_args_is_help=True)

    @app.command("list")
    def list_(limit: int = 50) -> None:
        """Show the dead events, the oldest first."""
        _show(terminal, "dead", limit)

    @app.command()
    def replay(id_: MaybeId = None, *, every: All = False) -> None:
        """Let one dead event, or all, be tried again as if it had just arrived."""
        if (id_ is None) == (not every):
            raise typer.BadParameter("name one id, or --all")

        async def work(begin: Begin) -> int:
            async with begin() as tx:
                return await parking.revive(tx, id_)

        typer.echo(f"{terminal.run(work)} to be tried again")

    @app.command()
    def discard(id_: Id) -> None:
        """Remove a dead event; its copy stays in the dead topic."""

        async def work(begin: Begin) -> bool:
            async with begin() as tx:
                return await parking.discard(tx, id_)

        if not terminal.run(work):
            typer.echo(f"no dead event has the id {id_}", err=True)
            raise typer.Exit(1)

    return app


def _show(terminal: Terminal[Any], state: str, limit: int) -> None:
    async def work(begin: Begin) -> list[Any]:
        async with begin() as tx:
            return list(await parking.list_parked(tx, state, limit))

    rows = terminal.run(work)
    for row in rows:
        key = bytes(row["key"]).decode(errors="replace")
        typer.echo(
            f"{row['id']}  {row['topic']}  {key}  since {row['parked_at']:%Y-%m-%d %H:%M:%S}"
            f"  tries {row['attempts']}  {row['reason']}"
        )
    if not rows:
        typer.echo(f"nothing is {state}")
