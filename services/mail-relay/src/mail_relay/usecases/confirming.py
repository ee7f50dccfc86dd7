"""New addresses: a code is mailed to one, and it counts once that was sent back to accounts."""

from collections.abc import Sequence

from chassis.db import Tx
from chassis.jobs import Trigger
from contracts.accounts import EmailChanged, EmailChangeRequested

from mail_relay.domain.confirmation import Confirmation
from mail_relay.domain.sending import HOLD, Lease, Outcome, Sender, Verdict, next_try
from mail_relay.store import confirmations
from mail_relay.usecases.concluding import SEND

CONFIRM = Trigger("send codes")
LATER = (Verdict.REFUSED, Verdict.LOST, Verdict.HELD)


async def ask(tx: Tx, asked: EmailChangeRequested, sender: Sender) -> None:
    """Mail the code of a new address to it, as long as it counts."""
    if tx.effects and asked.expires_at > tx.now:
        await confirmations.record(tx, asked, sender.message_id(asked.change))
        tx.wake(CONFIRM)


async def readdress(tx: Tx, changed: EmailChanged) -> None:
    """Write to a customer at the confirmed address; what had bounced at the old one is sent there."""
    box = changed.email_contact
    if await confirmations.readdress(tx, changed.tenant, box.key, str(box)):
        tx.wake(SEND)


async def claim(tx: Tx, limit: int, lease: Lease) -> Sequence[Confirmation]:
    """Lease codes that are to be mailed now."""
    return await confirmations.claim(tx, limit, lease)


async def settle(tx: Tx, confirmation: Confirmation, outcome: Outcome) -> None:
    """Forget a code that arrived, or never will; what was refused for now, or lost, is mailed again while it counts.

    The same letter twice does no harm: the code counts once.
    """
    failures = confirmation.failures + 1
    send_at = tx.now + HOLD if outcome.verdict is Verdict.HELD else next_try(failures, tx.now, tx.now)
    if outcome.verdict in LATER and send_at is not None and send_at < confirmation.expires_at:
        await confirmations.again(tx, confirmation, send_at)
    else:
        await confirmations.remove(tx, confirmation)
