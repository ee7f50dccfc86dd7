"""The operator's commands that every service has: what waits, what is dead, try again, throw away."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

import asyncpg
import typer
from contracts.wire import Attributes, ContractViolation

from chassis.consuming import gaps, parking
from chassis.db.outbox import unpack_headers
from chassis.db.transaction import Begin, Tx
from chassis.service.terminal import AsLines, Terminal, echo_json

AnyId = Annotated[int | None, typer.Argument(help="The gap's id, as listed.")]
All = Annotated[bool, typer.Option("--all", help="Every dead event.")]
OfTopic = Annotated[str | None, typer.Option("--topic", help="Every dead event of this topic.")]
Ids = Annotated[list[int] | None, typer.Argument(help="The events' ids, as listed.")]
Act = Callable[[Tx, Sequence[int] | None, str | None], Awaitable[Sequence[asyncpg.Record]]]


PLACE = ("topic", "partition", "record_offset")
SHOWN = ("id", *PLACE, "state", "attempts", "reason", "parked_at")


class NotDead(Exception):
    """There is no dead event with an id that was named."""


def parked(terminal: Terminal[Any]) -> typer.Typer:
    """Commands for what waits."""
    app = typer.Typer(no_args_is_help=True)

    @app.command("list", epilog="Example:  parked list --limit 5")
    def list_(limit: int = 50, *, as_json: AsLines = False) -> None:
        """Show the events that wait, the oldest first."""
        _show(terminal, "waiting", limit, as_json=as_json)

    @app.callback()
    def about() -> None:
        """Events that wait to be tried again, with all that follows them under the same topic and key."""

    return app


def dead(terminal: Terminal[Any]) -> typer.Typer:
    """Commands for what is dead."""
    app = typer.Typer(no_args_is_help=True)

    @app.command("list", epilog="Example:  dead list --json")
    def list_(limit: int = 50, *, as_json: AsLines = False) -> None:
        """Show the dead events, the oldest first."""
        _show(terminal, "dead", limit, as_json=as_json)

    @app.command(epilog="Example:  dead replay 17 18")
    def replay(ids: Ids = None, *, topic: OfTopic = None, every: All = False) -> None:
        """Let dead events be tried again as if they had just arrived."""
        typer.echo(f"{_decide(terminal, parking.revive, ids, topic, every=every)} to be tried again")

    @app.command(epilog="Example:  dead discard --topic OrderPaid")
    def discard(ids: Ids = None, *, topic: OfTopic = None, every: All = False) -> None:
        """Remove dead events; their copies stay in the dead topic."""
        typer.echo(f"{_decide(terminal, parking.discard, ids, topic, every=every)} discarded")

    return app


def gaps_of(terminal: Terminal[Any]) -> typer.Typer:
    """Commands for gaps in a log."""
    app = typer.Typer(no_args_is_help=True)

    @app.command("list", epilog="Example:  gaps list")
    def list_(*, as_json: AsLines = False) -> None:
        """Show the gaps that nobody has decided about; each lets its partition stand still."""

        async def work(begin: Begin) -> Sequence[tuple[asyncpg.Record, gaps.Gap]]:
            async with begin() as tx:
                return await gaps.list_open(tx)

        found = terminal.run(work)
        for row, gap in found:
            if as_json:
                echo_json(terminal.name, {**row, "text": str(gap)})
            else:
                typer.echo(f"{row['id']}  {gap}  found {row['found_at']:%Y-%m-%d %H:%M:%S}")
        if not found and not as_json:
            typer.echo("no partition has a gap")

    @app.command(epilog="Example:  gaps accept 3")
    def accept(id_: AnyId = None, *, every: Annotated[bool, typer.Option("--all", help="Every gap.")] = False) -> None:
        """Go on behind a gap, at the oldest record that is left; the gap stays recorded.

        What is left is consumed from there on: events that took effect before are dropped, as always.
        """
        if (id_ is None) is not every:
            raise typer.BadParameter("name an id, or --all")

        async def work(begin: Begin) -> int:
            async with begin() as tx:
                found = [(row["id"], gap) for row, gap in await gaps.list_open(tx) if every or row["id"] == id_]
                for open_id, gap in found:
                    tx.audit("gap", open_id, after={"accepted": str(gap)})
                    await gaps.accept(tx, open_id)
                return len(found)

        accepted = terminal.run(work)
        if not accepted and not every:
            typer.echo(f"no gap that is open has the id {id_}", err=True)
            raise typer.Exit(1)
        typer.echo(f"{accepted} accepted")

    return app


def _decide(terminal: Terminal[Any], act: Act, ids: list[int] | None, topic: str | None, *, every: bool) -> int:
    """Act on dead events and return how many; where one of the ids is none of a dead event, on none."""
    if [bool(ids), topic is not None, every].count(True) != 1:
        raise typer.BadParameter("name ids, a --topic, or --all")

    async def work(begin: Begin) -> int:
        async with begin() as tx:
            done = await act(tx, ids or None, topic)
            if unknown := sorted(set(ids or ()) - {row["id"] for row in done}):
                raise NotDead(", ".join(map(str, unknown)))
            for row in done:
                tx.audit("dead event", row["id"], before={name: row[name] for name in PLACE})
            return len(done)

    try:
        return terminal.run(work)
    except NotDead as unknown:
        typer.echo(f"nothing is done, for no dead event has the id {unknown}", err=True)
        raise typer.Exit(1) from None


def _show(terminal: Terminal[Any], state: str, limit: int, *, as_json: bool) -> None:
    async def work(begin: Begin) -> list[Any]:
        async with begin() as tx:
            return list(await parking.list_parked(tx, state, limit))

    rows = terminal.run(work)
    for row in rows:
        key = bytes(row["key"]).decode(errors="replace")
        if as_json:
            shown = {name: row[name] for name in SHOWN}
            echo_json(terminal.name, {**shown, "key": key, "origin": _origin(row["headers"])})
            continue
        typer.echo(
            f"{row['id']}  {row['topic']}  {key}  {_origin(row['headers'])}"
            f"  at {row['partition']}:{row['record_offset']}  since {row['parked_at']:%Y-%m-%d %H:%M:%S}"
            f"  tries {row['attempts']}  {row['reason']}"
        )
    if not rows and not as_json:
        typer.echo(f"nothing is {state}")


def _origin(headers: bytes) -> str:
    """Say by whom and under which id an event was published, and whose it is."""
    try:
        attributes = Attributes.parse(unpack_headers(headers))
    except ContractViolation:
        return "from nobody known"
    return f"from {attributes.source}  id {attributes.id}  tenant {attributes.tenant or '-'}"
