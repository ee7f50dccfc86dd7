"""Publishing versions of a policy, and telling those whom it concerns before it acts (K2, MAIL-18)."""

from dataclasses import replace

from chassis.db import Tx
from chassis.jobs import Trigger

from mail_relay.domain.policy.handling import Urgency, check_notice
from mail_relay.domain.policy.policy import Policy
from mail_relay.store import policies

ANNOUNCE = Trigger("announce policies")
AT_A_TIME = 200


async def publish(tx: Tx, tenant: str, wanted: Policy, urgency: Urgency | None) -> int:
    """Publish a version and return its number; all who have written are told. Raises TooSoon, InThePast."""
    check_notice(wanted.valid_from, tx.now, urgency)
    version = replace(wanted, version=await policies.take_turn(tx, tenant) + 1)
    await policies.add(tx, tenant, version, urgency)
    tx.audit("policy", version.version, after=policies.POLICY.dump_python(version, mode="json"))
    tx.wake(ANNOUNCE)
    return version.version
