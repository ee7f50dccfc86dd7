"""Using the suite:  python -m journeys demo"""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from stack.errors import StackError
from stack.stack import ROOT, Stack

Home = Annotated[Path, typer.Option(help="The directory of the stack.")]
MAIN = ROOT / ".local" / "main"

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Kontor in use.")


@app.callback()
def about() -> None:
    """Kontor in use."""


@app.command()
def demo(once: Annotated[bool, typer.Option("--once", help="Stop after the sale.")] = False) -> None:
    """Run a whole sale on a local stack with visible progress; exit code 0 only if every step held."""
    from journeys.demo.run import demo as run

    raise typer.Exit(run(once=once))


@app.command()
def verify(
    home: Home = MAIN,
    tenant: Annotated[str | None, typer.Option(help="Look at this tenant only.")] = None,
    wait: Annotated[float, typer.Option(help="How many seconds the stack has to come to rest.")] = 60,
) -> None:
    """Look at all databases and topics of a running stack; exit code 0 only if every invariant holds."""
    from journeys.verify.quiet import NotQuiet
    from journeys.verify.run import verify as run

    try:
        held = asyncio.run(run(Stack(home).state, tenant=tenant, wait=wait))
    except (NotQuiet, StackError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    raise typer.Exit(0 if held else 1)


if __name__ == "__main__":
    app(prog_name="python -m journeys")
