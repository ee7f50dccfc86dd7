"""A service that dies at a named point:  `python -m journeys.torture.doomed PACKAGE [--point POINT] [--record FILE]`.

With a file instead of a point it does not die, and records each point when it first passes it.
"""

import importlib
import os
import signal
from pathlib import Path
from typing import Annotated, Any

import typer
from chassis.service import CommandLine, Service


def doomed(
    package: Annotated[str, typer.Argument(help="The service's Python package.")],
    point: Annotated[str, typer.Option(help="Where it is killed when it first passes.")] = "",
    record: Annotated[Path | None, typer.Option(help="The file in which passed points are recorded.")] = None,
) -> None:
    """Serve until the point is passed."""
    service: Service[Any] = importlib.import_module(f"{package}.__main__").service
    passed: set[str] = set()

    def fault(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)
        if record is not None and name not in passed:
            passed.add(name)
            with record.open("a") as file:
                file.write(f"{name}\n")

    service.fault = fault
    CommandLine(service).serve()


if __name__ == "__main__":
    typer.run(doomed)
