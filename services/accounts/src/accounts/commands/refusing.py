"""How a command refuses."""

import typer


def refuse(*sentences: str) -> typer.Exit:
    """Say what is wrong; raise what is returned."""
    for sentence in sentences:
        typer.echo(sentence, err=True)
    return typer.Exit(1)
