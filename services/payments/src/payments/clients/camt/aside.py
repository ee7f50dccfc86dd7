"""Work on large files in a process of its own: a thread would share the interpreter's lock with all other requests."""

import asyncio
import multiprocessing
import resource
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar, overload

from pydantic import TypeAdapter

from payments.clients.camt.document import parse
from payments.domain.statements import Credit, File, StatementUnreadable

T = TypeVar("T")
# A process takes half a second to start: as long as a thread takes for some 2,000 entries.
LARGE = 2**20
# Seconds of CPU, eight times as many as the largest file that is taken needs.
LONGEST = 120
PACK = 500
CREDITS = TypeAdapter(list[Credit])


class Packed(Sequence[Credit]):
    """Credits that are unpacked by the few: all at once they would hold up the process that gets them."""

    def __init__(self, booked: Sequence[Credit]) -> None:
        self._packs = [CREDITS.dump_json(list(booked[at : at + PACK])) for at in range(0, len(booked), PACK)]
        self._count = len(booked)

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    @overload
    def __getitem__(self, at: int) -> Credit: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Credit]: ...
    def __getitem__(self, at: int | slice) -> Credit | Sequence[Credit]:
        """Unpack one credit, or those of a slice without steps."""
        if isinstance(at, int):
            at = range(self._count)[at]
            return self[at : at + 1][0]
        start, end, _ = at.indices(self._count)
        first = start // PACK
        found = [credit for pack in self._packs[first : -(-end // PACK)] for credit in _unpacked(pack)]
        return found[start - first * PACK : end - first * PACK]

    def __iter__(self) -> Iterator[Credit]:
        """Unpack all, a pack after the other."""
        return (credit for pack in self._packs for credit in _unpacked(pack))


def _unpacked(pack: bytes) -> Sequence[Credit]:
    return CREDITS.validate_json(pack)


@asynccontextmanager
async def aside(size: int) -> AsyncGenerator[Callable[..., Awaitable[Any]]]:
    """Give what runs the work on a file of so many bytes: a large one has a process, a small one a thread.

    The work raises StatementUnreadable where the process ends before its work: it took too long, or too much memory.
    """
    if size < LARGE:
        yield asyncio.to_thread
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(1, mp_context=context, initializer=_limit)

    async def run(function: Callable[..., T], /, *given: Any) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, function, *given)
        except BrokenProcessPool:
            raise StatementUnreadable("too-much-work") from None

    try:
        yield run
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))


def read(content: bytes) -> File:
    """Return the statements of a file, as `parse` does, with their credits packed."""
    file = parse(content)
    return replace(file, statements=tuple(replace(one, credits=Packed(one.credits)) for one in file.statements))
