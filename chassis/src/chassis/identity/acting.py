"""Who acts: a member of staff by a request, or an operator by a command."""

import os
import pwd
import socket
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

from uuid_utils.compat import uuid7

OPERATOR = "operator"


@dataclass(slots=True)
class Act:
    """One request of staff, or one command of an operator: who does what, by which right, and what its address names.

    `read_for` are the purposes for which readings of it are recorded; a key ring opens nothing for any other.
    """

    actor: str
    permission: str
    operation: str
    tenant: str = ""
    kind: str = ""
    object_id: str = ""
    id: UUID = field(default_factory=uuid7)
    read_for: set[str] = field(default_factory=set[str])


class ReadingUnrecorded(Exception):
    """Sealed fields are opened for staff or an operator only after it is recorded who reads them, and what for."""


_current: ContextVar[Act | None] = ContextVar("act", default=None)


def current_act() -> Act | None:
    """Return what staff or an operator is doing; None while anybody else acts, or nobody."""
    return _current.get()


@contextmanager
def acting(act: Act | None) -> Generator[None]:
    """Let what happens inside be part of this act, or of none."""
    token = _current.set(act)
    try:
        yield
    finally:
        _current.reset(token)


def check_recorded(purpose: str) -> None:
    """Raise ReadingUnrecorded where staff or an operator reads for a purpose for which no reading is recorded."""
    act = _current.get()
    if act is not None and purpose not in act.read_for:
        raise ReadingUnrecorded(purpose)


def operator() -> str:
    """Return who sits at the terminal: the account of the operating system, whatever the environment says, and host."""
    user = os.getuid()
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        name = f"user {user}"
    return f"{name} on {socket.gethostname()}"
