"""The checker as a whole: wait, read everything, judge, tell."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from stack.state import State

from journeys.verify import log, outside
from journeys.verify.backbone import INBOX, ORDER, OUTBOX, TROUBLE
from journeys.verify.balances import BALANCES
from journeys.verify.copies import COPIES
from journeys.verify.databases import Connections, copy_tables, find_addresses, reading
from journeys.verify.goods import GRANTS, LICENCES, REFUNDED
from journeys.verify.invariant import Invariant, Verdict, judge, told
from journeys.verify.letters import LETTERS
from journeys.verify.money import MONEY
from journeys.verify.privacy import privacy
from journeys.verify.quiet import clock, ears, offsets, wait_until_quiet
from journeys.verify.scratch import Scratch

INVARIANTS: Sequence[Invariant] = (
    MONEY,
    LICENCES,
    GRANTS,
    REFUNDED,
    BALANCES,
    privacy(),
    INBOX,
    OUTBOX,
    ORDER,
    LETTERS,
    TROUBLE,
    COPIES,
)
TRIES = 3


async def gather(state: State, connections: Connections, scratch: Scratch, tenant: str | None) -> None:
    """Fill the scratch file."""
    scratch.put("now", [(clock(state).timestamp(),)], 1)
    scratch.put("tenant", [(tenant,)], 1)
    scratch.put("ears", ((service, topic) for service, topics in ears(state.databases).items() for topic in topics), 2)
    await copy_tables(connections, scratch, tenant)
    await find_addresses(connections, scratch)
    outside.read_spool(Path(state.home), scratch)
    outside.read_provider(Path(state.home), scratch)
    scratch.put("offsets", await offsets(state), 5)
    await log.read_log(state.kafka, scratch, tenant)
    scratch.weigh()


async def verify(
    state: State, *, tenant: str | None = None, wait: float = 60, report: Callable[[str], None] = print
) -> bool:
    """Judge a running stack and tell one line for each invariant; raises NotQuiet where it does not come to rest."""
    began = time.monotonic()
    for attempt in range(1, TRIES + 1):
        await wait_until_quiet(state, wait)
        ends = await log.ends(state.kafka)
        with tempfile.TemporaryDirectory() as directory:
            scratch = Scratch(Path(directory) / "scratch")
            async with reading(state.databases) as connections:
                await gather(state, connections, scratch, tenant)
            if ends != await log.ends(state.kafka) and attempt < TRIES:
                scratch.close()
                continue  # something was said meanwhile: the tables may be older than the log
            events = scratch.rows.execute("select count(*) from events").fetchone()[0]
            verdicts = judge(scratch.rows, INVARIANTS)
            scratch.close()
        return _tell(verdicts, events, time.monotonic() - began, report)
    raise AssertionError


def _tell(verdicts: Sequence[Verdict], events: int, seconds: float, report: Callable[[str], None]) -> bool:
    for verdict in verdicts:
        for line in told(verdict):
            report(line)
    broken = sum(not verdict.held for verdict in verdicts)
    report(f"{len(verdicts) - broken} held, {broken} broken; {events} events, {seconds:.1f} s")
    return not broken
