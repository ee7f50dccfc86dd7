"""The checker as a whole: wait, copy everything, run the checks, report."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from stack.errors import StackError
from stack.state import State

from journeys.verify import kafka, outside
from journeys.verify.audit import AUDIT, check_chains
from journeys.verify.backbone import FAILURES, INBOX, ORDER, OUTBOX
from journeys.verify.balances import BALANCES
from journeys.verify.copies import COPIES
from journeys.verify.databases import Connections, copy_tables, find_addresses, reading, tenants
from journeys.verify.goods import GRANTS, LICENCES, REFUNDED
from journeys.verify.invariant import Invariant, Verdict, judge, lines_of
from journeys.verify.letters import LETTERS
from journeys.verify.money import MONEY
from journeys.verify.privacy import privacy
from journeys.verify.quiet import NotQuiet, clock, offsets, subscriptions, wait_until_quiet
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
    FAILURES,
    COPIES,
    AUDIT,
)


async def gather(state: State, connections: Connections, scratch: Scratch, tenant: str | None) -> None:
    """Fill the scratch file."""
    await check_chains(connections, Path(state.home) / "logs", scratch)
    scratch.put("now", [(clock(state).timestamp(),)], 1)
    scratch.put("tenant", [(tenant,)], 1)
    consumed = subscriptions(state.databases)
    scratch.put("subscriptions", ((service, topic) for service, topics in consumed.items() for topic in topics), 2)
    await copy_tables(connections, scratch, tenant)
    await find_addresses(connections, scratch)
    outside.read_spool(Path(state.home), scratch)
    outside.read_provider(Path(state.home), scratch)
    scratch.put("offsets", await offsets(state), 5)
    await kafka.read_topics(state.kafka, scratch, tenant)
    scratch.analyze()


def nothing() -> None:
    """Bring nothing: all that is read lies here."""


async def verify(
    state: State,
    *,
    tenant: str | None = None,
    wait: float = 60,
    report: Callable[[str], None] = print,
    bring: Callable[[], None] = nothing,
) -> bool:
    """Check a running stack, report a line for each invariant, return whether all hold.

    `wait` is how many seconds the stack has to come to rest; `bring` then brings to its home the logs and the doubles'
    files that lie elsewhere. Raises NotQuiet, and StackError for a tenant that was never opened, of which everything
    would hold.
    """
    began = time.monotonic()
    if tenant is not None and tenant not in (known := await tenants(state.databases)):
        raise StackError(f"No tenant {tenant!r} was opened in this stack; there are {', '.join(known) or 'none'}.")
    while True:
        await wait_until_quiet(state, wait)
        ends = await kafka.ends(state.kafka)
        await asyncio.to_thread(bring)
        with tempfile.TemporaryDirectory() as directory, closing(Scratch(Path(directory) / "scratch")) as scratch:
            async with reading(state.databases) as connections:
                await gather(state, connections, scratch, tenant)
            # what was published meanwhile would belong to tables, topics and files of different moments
            if ends == await kafka.ends(state.kafka):
                events = scratch.rows.execute("select count(*) from events").fetchone()[0]
                return _report(judge(scratch.rows, INVARIANTS), events, time.monotonic() - began, report)
        if time.monotonic() - began > wait:
            raise NotQuiet("events were published while all was read")


def _report(verdicts: Sequence[Verdict], events: int, seconds: float, report: Callable[[str], None]) -> bool:
    for verdict in verdicts:
        for line in lines_of(verdict):
            report(line)
    broken = sum(not verdict.held for verdict in verdicts)
    report(f"{len(verdicts) - broken} held, {broken} broken; {events} events, {seconds:.1f} s")
    return not broken
