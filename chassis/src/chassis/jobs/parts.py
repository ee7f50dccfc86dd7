"""Rows of a sweep that cannot be done are put aside, and the rest goes on: a bad one holds up itself alone."""

import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, TypeVar

import structlog

from chassis.db.failure import FailureClass, classify
from chassis.db.transaction import Tx

log = structlog.get_logger(__name__)
Row = TypeVar("Row")

# nothing is to be done about a row while all of them have to wait
ALL: Final = (FailureClass.SERVICE_WIDE, FailureClass.REPEATABLE)
# how long a row stays aside in this process, and how many are remembered
PATIENCE_SECONDS: Final = 60.0
MOST: Final = 10_000
_aside: dict[Hashable, float] = {}


async def in_parts(
    tx: Tx,
    job: str,
    rows: Sequence[Row],
    do: Callable[[Sequence[Row]], Awaitable[object]],
    key: Callable[[Row], Hashable],
) -> int:
    """Do something for rows together, or, where that fails, for each by itself; return how many are done.

    A row that fails leaves nothing; it is logged by its key, which names nobody, and left for a while. A
    failure that is no row's own is raised.
    """
    now = time.monotonic()
    wanted = [row for row in rows if _aside.get((job, key(row)), 0.0) <= now]
    if not wanted:
        return 0
    if await _done(tx, job, wanted, do, key, alone=len(wanted) == 1):
        return len(wanted)
    if len(wanted) == 1:
        return 0
    return sum([await _done(tx, job, [row], do, key, alone=True) for row in wanted])


async def _done(
    tx: Tx,
    job: str,
    rows: Sequence[Row],
    do: Callable[[Sequence[Row]], Awaitable[object]],
    key: Callable[[Row], Hashable],
    *,
    alone: bool,
) -> bool:
    try:
        async with tx.part():
            await do(rows)
    except Exception as error:
        if classify(error) in ALL:
            raise
        if alone:
            _put_aside(job, key(rows[0]))
        return False
    return True


def _put_aside(job: str, key: Hashable) -> None:
    log.exception("a row is put aside", job=job, row=str(key))
    if len(_aside) >= MOST:
        _aside.clear()
    _aside[(job, key)] = time.monotonic() + PATIENCE_SECONDS
