"""How a command runs, and how it refuses."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from chassis.db import Begin, Tx
from chassis.identity import MasterKey
from chassis.service import Terminal

from accounts.settings import Settings
from accounts.usecases.key_management import KeyManagement

T = TypeVar("T")


def transact(terminal: Terminal[Settings], work: Callable[[Tx, KeyManagement], Awaitable[T]]) -> T:
    """Do work in one transaction and return its result."""

    async def transacted(begin: Begin) -> T:
        kms = KeyManagement(MasterKey.from_file(terminal.settings.master_key_file))
        async with begin() as tx:
            return await work(tx, kms)

    return terminal.run(transacted)


def refuse(*sentences: str) -> typer.Exit:
    """Print what is wrong, and return what is to be raised."""
    for sentence in sentences:
        typer.echo(sentence, err=True)
    return typer.Exit(1)
