"""Using the suite:  python -m journeys demo"""

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Kontor in use.")


@app.callback()
def about() -> None:
    """Kontor in use."""


@app.command()
def demo(once: Annotated[bool, typer.Option("--once", help="Stop after the sale.")] = False) -> None:
    """Run a whole sale on a local stack with visible progress; exit code 0 only if every step held."""
    from journeys.demo.run import demo as run

    raise typer.Exit(run(once=once))


if __name__ == "__main__":
    app(prog_name="python -m journeys")
