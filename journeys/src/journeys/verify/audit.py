"""I13: the audit log of each service is as it was written, up to the heads that it has published."""

from pathlib import Path

from chassis.audit import Head, published_heads, verify

from journeys.verify.databases import Connections
from journeys.verify.invariant import Check, Invariant
from journeys.verify.scratch import Scratch

AUDIT = Invariant(
    "I13",
    "audit: no act was changed, removed, put in or put elsewhere",
    [Check("each row leads to the next, and to the heads in the services' logs", "select * from audit_faults")],
)


async def check_chains(connections: Connections, logs: Path, scratch: Scratch) -> None:
    """Check the log of each service, and keep what is wrong with it.

    The heads are read first, for what is published later is not known to a connection that sees an earlier moment.
    """
    heads = {service: published(logs, service) for service in connections}
    for service, connection in connections.items():
        faults = await verify(connection, heads[service])
        scratch.put("audit_faults", ((f"{service}: {fault}",) for fault in faults), 1)


def published(logs: Path, service: str) -> set[Head]:
    """Return the heads that a service has published in any of these logs."""
    found: set[Head] = set()
    for file in sorted(logs.glob("*.log")):
        with file.open("rb") as lines:
            found |= published_heads(lines, service)
    return found
