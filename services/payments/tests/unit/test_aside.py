"""Large files are worked on in a process of their own (PAY-6)."""

import os
import signal
from dataclasses import replace

import pytest
from payments.clients.camt import aside, parse
from payments.clients.camt.aside import LARGE, PACK, Packed
from payments.domain.statements import StatementUnreadable

from .test_hostile_files import STATEMENTS


async def test_a_small_file_has_a_thread_and_a_large_one_a_process():
    for size, same in ((LARGE - 1, True), (LARGE, False)):
        async with aside(size) as run:
            assert (await run(os.getpid) == os.getpid()) is same


async def test_what_is_refused_there_is_refused_here():
    async with aside(LARGE) as run:
        with pytest.raises(StatementUnreadable, match="not-xml"):
            await run(parse, b"<Document")


async def test_a_process_that_ends_before_its_work_refuses_the_file():
    async with aside(LARGE) as run:
        with pytest.raises(StatementUnreadable, match="too-much-work"):
            await run(signal.raise_signal, signal.SIGXCPU)


@pytest.mark.parametrize("count", [0, 1, PACK, 2 * PACK + 3])
def test_packed_credits_are_the_same(count: int):
    (found,) = parse(next(iter(STATEMENTS.values()))).statements
    booked = [replace(found.credits[0], position=at) for at in range(count)]
    packed = Packed(booked)
    assert (len(packed), list(packed)) == (count, booked)
    for start in (0, 1, PACK - 1, PACK, 2 * PACK):
        for end in (0, 2, PACK, PACK + 1, count + 9):
            assert list(packed[start:end]) == booked[start:end]
    with pytest.raises(IndexError):
        packed[count]
