"""The operator's commands about backups: whether a copy of the database would do, and going on from it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chassis.db.transaction import Begin
from chassis.service.doctoring import AsJson, patient_of, show
from chassis.service.terminal import AsLines, Terminal, echo_json

if TYPE_CHECKING:
    from chassis.publishing.published import Published
    from chassis.service.service import Service

Oldest = Annotated[
    float | None, typer.Option(min=0, help="Minutes; what was published after an older copy is an error.")
]


def backup(service: "Service[Any]", terminal: Terminal[Any]) -> typer.Typer:
    """Commands for backups of this service's database."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def about() -> None:
        """Whether a copy of the database would do, and going on from it (docs/operations/backup.md)."""

    @app.command(epilog="Example:  DATABASE_URL=postgresql://.../copy  backup check --older-than 15")
    def check(older_than: Oldest = None, *, as_json: AsJson = False) -> None:
        """Say what the database of DATABASE_URL is worth as a backup: schema, what was published since, gaps.

        Set DATABASE_URL to a copy that was restored beside the database. Changes nothing.
        """
        from chassis.doctor.copies import examine

        oldest = None if older_than is None else timedelta(minutes=older_than)
        found = asyncio.run(examine(patient_of(service), terminal.settings, oldest))
        show({terminal.name: found}, as_json=as_json)

    @app.command(epilog="Example:  backup restored --json > what-is-lost.jsonl")
    def restored(*, as_json: AsLines = False) -> None:
        """Let the service go on from a database that was restored to an earlier state; safe to repeat.

        Shows what it had published since and does not know any more, takes back of that what it can, and gives numbers
        beyond those that were given.
        """
        settings = terminal.settings

        async def work(begin: Begin) -> tuple["Sequence[Published]", int]:
            from chassis.publishing.published import CHUNK, given, go_on_after, published_after
            from chassis.service.taking_back import take_back

            async with begin() as tx:
                number = await given(tx)
            if not as_json:
                typer.echo("reading what was published ...", err=True)
            near = await published_after(
                number - CHUNK, settings.brokers, terminal.name, settings.topic_prefix, thorough=True
            )
            if not (found := [one for one in near if one.number > number]):
                return found, 0
            async with begin() as tx:
                waiting = await go_on_after(tx, found[-1].number)
                await take_back(tx, service, settings, near)
                tx.audit("database", terminal.name, before={"number": number}, after={"unknown": len(found)})
                return found, waiting

        found, waiting = terminal.run(work)
        if as_json:
            for one in found:
                echo_json(terminal.name, _row(one))
        else:
            typer.echo("\n".join(_lines(found, waiting)))

    return app


def _row(one: "Published") -> dict[str, Any]:
    about = one.attributes
    return {
        "topic": one.topic,
        "number": one.number,
        "id": about.id,
        "subject": about.subject,
        "tenant": about.tenant,
        "time": about.time,
    }


def _lines(found: "Sequence[Published]", waiting: int) -> list[str]:
    if not found:
        return ["this database knows all that was published; nothing was to be done"]
    lines = [f"{len(found)} events were published that this database does not know:"]
    for topic in sorted({one.topic for one in found}):
        times = sorted(one.attributes.time for one in found if one.topic == topic and one.attributes.time)
        span = f"  {times[0]:%Y-%m-%d %H:%M:%S} to {times[-1]:%Y-%m-%d %H:%M:%S}" if times else ""
        lines.append(f"  {topic}  {sum(one.topic == topic for one in found)}{span}")
    lines.append(f"numbers go on beyond {found[-1].number}, {waiting} events that wait have new ones")
    return lines
