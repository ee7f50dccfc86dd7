"""The operator's terminal of the contracts: `python -m contracts render | check | release | topics`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from contracts import Event, rendering, topics
from contracts.faults import Fault
from contracts.privacy import audience_faults, personal_faults, pseudonym_faults
from contracts.releases import SNAPSHOT, release_faults
from contracts.releases import release as write_release

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The events of Kontor.")
Root = Annotated[Path, typer.Option(help="The folder that holds rendered/, README.md and released.json.")]
HERE = Path(__file__).parents[2]


@app.command()
def render(root: Root = HERE) -> None:
    """Write schemas, AsyncAPI document, examples, the table in the README and the list for partners."""
    for path in rendering.render(Event.ALL, root):
        typer.echo(rendering.shown(path, root))


@app.command()
def check(root: Root = HERE) -> None:
    """Fail where a promise is broken, and list everything at once."""
    _end_with(soundness_faults() + rendered_faults(root) + release_faults(Event.ALL, root))
    typer.echo(f"{len(Event.ALL)} events keep every promise.")


@app.command()
def release(root: Root = HERE) -> None:
    """Make what is declared now the promise that later changes are held against."""
    _end_with(soundness_faults() or write_release(Event.ALL, root))
    typer.echo(f"{SNAPSHOT} holds {len(Event.ALL)} events.")


@app.command("topics")
def show_topics() -> None:
    """Print every topic with its retention in milliseconds, -1 for ever."""
    for topic in topics():
        typer.echo(f"{topic.name} {topic.retention_ms}")


def soundness_faults() -> list[Fault]:
    """What is wrong with the classes themselves."""
    events = Event.ALL.values()
    privacy = audience_faults(events) + personal_faults(events) + pseudonym_faults(events)
    return privacy + rendering.example_faults(Event.ALL)


def rendered_faults(root: Path) -> list[Fault]:
    """What is wrong with the rendered files; nothing can be said while an EXAMPLE is broken."""
    try:
        return rendering.stale_faults(Event.ALL, root)
    except ValueError:
        return []


def _end_with(faults: Sequence[Fault]) -> None:
    for fault in faults:
        typer.echo(str(fault), err=True)
    if faults:
        typer.echo(f"{len(faults)} to mend.", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
