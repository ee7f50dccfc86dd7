"""The operator's commands that look at what flows: what waits to be published, and how far is consumed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import asyncpg
import typer

from chassis.consuming import gaps
from chassis.consuming.numbers import Place
from chassis.db.transaction import Begin
from chassis.service.terminal import AsLines, Terminal, echo_json

if TYPE_CHECKING:
    from chassis.service.service import Service

Sequences = Annotated[list[int] | None, typer.Argument(help="The numbers of refused events, as listed.")]
All = Annotated[bool, typer.Option("--all", help="Every refused event.")]

WAITING = """
select sequence, id, aggregatetype as topic, aggregateid as key, tenant, occurred_at, refused
from chassis.outbox
order by refused is null, sequence
limit $1
"""

RETRY = """
update chassis.outbox
set refused = null
where refused is not null
  and ($1::bigint[] is null or sequence = any($1))
returning sequence, aggregatetype as topic, refused
"""


def outbox(terminal: Terminal[Any]) -> typer.Typer:
    """Commands for what is not published yet."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def about() -> None:
        """Events that are not published yet, and those that Kafka has refused."""

    @app.command("list", epilog="Example:  outbox list --json")
    def list_(limit: int = 50, *, as_json: AsLines = False) -> None:
        """Show the events that wait to be published, those that were refused first."""

        async def work(begin: Begin) -> Sequence[asyncpg.Record]:
            async with begin() as tx:
                return await tx.fetch(WAITING, limit)

        rows = terminal.run(work)
        for row in rows:
            if as_json:
                echo_json(terminal.name, dict(row))
            else:
                why = f"refused: {row['refused']}" if row["refused"] else "waits"
                since = f"{row['occurred_at']:%Y-%m-%d %H:%M:%S}"
                typer.echo(f"{row['sequence']}  {row['topic']}  {row['key']}  id {row['id']}  since {since}  {why}")
        if not rows and not as_json:
            typer.echo("nothing waits to be published")

    @app.command(epilog="Example:  outbox retry 4711")
    def retry(numbers: Sequences = None, *, every: All = False) -> None:
        """Let what Kafka has refused be sent again, after the cause is mended; safe to repeat."""
        if bool(numbers) is every:
            raise typer.BadParameter("name numbers, or --all")

        async def work(begin: Begin) -> int:
            async with begin() as tx:
                done = await tx.fetch(RETRY, numbers or None)
                for row in done:
                    tx.audit("refused event", row["sequence"], before={"topic": row["topic"]})
                return len(done)

        typer.echo(f"{terminal.run(work)} to be sent again")

    return app


def lag(service: "Service[Any]", terminal: Terminal[Any]) -> Callable[..., None]:
    """Return the command that tells how far a service is behind."""

    def lag(*, as_json: AsLines = False) -> None:
        """Print how many records of each topic wait to be consumed, by what the database has recorded."""
        settings = terminal.settings

        async def work(begin: Begin) -> Mapping[Place, int]:
            async with begin() as tx:
                return await gaps.consumed(tx)

        from chassis.doctor.kafka import behind

        waiting = asyncio.run(behind(settings.brokers, service.name, settings.topic_prefix, terminal.run(work)))
        total: Counter[str] = Counter()
        for (topic, _), records in waiting.items():
            total[topic] += records
        for topic, records in sorted(total.items()):
            if as_json:
                echo_json(service.name, {"topic": topic, "records": records})
            elif records:
                typer.echo(f"{topic}  {records}")
        if not as_json:
            typer.echo(f"{total.total()} records wait to be consumed")

    return lag
