"""The operator's commands that every service has: what waits, what is dead, try again, throw away."""

from typing import Annotated, Any

import typer

from chassis.consuming import parking
from chassis.db.database import Begin
from chassis.service.service import Terminal

Position = Annotated[int, typer.Argument(help="The event's position, as listed.")]
All = Annotated[bool, typer.Option("--all", help="Every dead event.")]
MaybePosition = Annotated[int | None, typer.Argument(help="The event's position, as listed.")]


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
    def replay(position: MaybePosition = None, *, every: All = False) -> None:
        """Let one dead event, or all, be tried again as if it had just arrived."""
        if (position is None) == (not every):
            raise typer.BadParameter("name one position, or --all")

        async def story(begin: Begin) -> int:
            async with begin() as tx:
                return await tx.execute(parking.REVIVE, position, tx.now)

        typer.echo(f"{terminal.run(story)} to be tried again")

    @app.command()
    def discard(position: Position) -> None:
        """Remove a dead event; its copy stays in the dead topic."""

        async def story(begin: Begin) -> int:
            async with begin() as tx:
                return await tx.execute(parking.DISCARD, position)

        if not terminal.run(story):
            typer.echo(f"no dead event has position {position}", err=True)
            raise typer.Exit(1)

    return app


def _show(terminal: Terminal[Any], state: str, limit: int) -> None:
    async def story(begin: Begin) -> list[Any]:
        async with begin() as tx:
            return await tx.fetch(parking.LIST, state, limit)

    rows = terminal.run(story)
    for row in rows:
        key = bytes(row["key"]).decode(errors="replace")
        typer.echo(
            f"{row['position']}  {row['topic']}  {key}  since {row['parked_at']:%Y-%m-%d %H:%M:%S}"
            f"  tries {row['attempts']}  {row['reason']}"
        )
    if not rows:
        typer.echo(f"nothing is {state}")
