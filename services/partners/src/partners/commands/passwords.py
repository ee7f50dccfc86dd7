"""Passwords of partners: made here, shown once or written into a file, and kept nowhere."""

import os
import secrets
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


def hand_over(password: str, file: Path | None) -> str | None:
    """Write a password into a new file that only its owner may read; without one, return it, to be shown."""
    if file is None:
        return password
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        written.write(password + "\n")
    return None
