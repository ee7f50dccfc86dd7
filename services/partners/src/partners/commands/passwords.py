"""Passwords of partners: made here, shown once or written into a file, and kept nowhere."""

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import typer

BYTES = 24


def new_password() -> str:
    """Return a password of 192 random bits."""
    return secrets.token_urlsafe(BYTES)


def check(file: Path | None) -> None:
    """Refuse a file that is there already, before anything is done."""
    if file is not None and file.exists():
        raise typer.BadParameter("there is such a file already, and it is not written over", param_hint="--secret-file")


@contextmanager
def handing_over(password: str | None, file: Path | None) -> Generator[None]:
    """Write a password into a new file that only its owner may read before it counts, for who else would know it?

    The file goes where what is done with the password is refused.
    """
    if password is None or file is None:
        yield
        return
    _write(password, file)
    try:
        yield
    except typer.Exit:
        file.unlink()
        raise


def _write(password: str, file: Path) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        written.write(password + "\n")
