"""Publishing versions of a policy, and telling those whom it concerns before it acts (K2, MAIL-18)."""

from collections.abc import Sequence
from dataclasses import replace

from chassis.db import Tx
from chassis.jobs import Trigger, in_parts

from mail_relay.domain.alias import Side
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.policy.handling import Urgency, check_notice
from mail_relay.domain.policy.policy import Policy
from mail_relay.store import conversations, policies
from mail_relay.store.policies import Announcement
from mail_relay.usecases import noticing

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


async def announce(tx: Tx) -> bool:
    """Tell those who have written of a version, each once, in their latest conversation; true where there are more."""
    untold = await policies.untold(tx, AT_A_TIME)

    async def notify(some: Sequence[Announcement]) -> None:
        for one in some:
            await _notify(tx, one, await conversations.find(tx, one.tenant, one.conversation_id))

    await in_parts(tx, ANNOUNCE.name, untold, notify, lambda one: (one.conversation_id, one.side, one.version))
    return len(untold) == AT_A_TIME


async def announce_to(tx: Tx, to: Conversation, side: Side) -> None:
    """Tell a side that writes of the latest version, unless it was told before."""
    if one := await policies.announce(tx, to, side):
        await _notify(tx, one, to)


async def _notify(tx: Tx, one: Announcement, to: Conversation | None) -> None:
    if to is not None:
        about = {"version": one.version, "begins_at": one.valid_from.isoformat()}
        await noticing.notify(tx, to, one.side, "policy_announced", about)
