"""What buyers choose: to get no messages without having asked, and to report what only seemed critical (MAIL-11)."""

from chassis.db import Read, Tx

from mail_relay.domain.alias import Domains, Side, Tag
from mail_relay.domain.conversation import Conversation, NothingCritical
from mail_relay.domain.policy.optout import WINDOW, is_flagged
from mail_relay.store import conversations, optouts
from mail_relay.usecases import noticing


async def follow(tx: Tx, conversation: Conversation, tag: Tag, domains: Domains) -> None:
    """Do what a buyer says by mail to the relay itself."""
    match tag:
        case Tag.STOP | Tag.START:
            await set_opted_out(tx, conversation, domains, out=tag is Tag.STOP)
        case Tag.MISUSE:
            try:
                await report_misuse(tx, conversation)
            except NothingCritical:
                await noticing.notify(tx, conversation, Side.BUYER, "nothing_critical")


async def set_opted_out(tx: Tx, conversation: Conversation, domains: Domains, *, out: bool) -> None:
    """Pass on to a buyer only what the seller is asked for or marks as critical, or all again."""
    await optouts.set_opted_out(tx, conversation, out=out)
    alias, domain = conversation.aliases[Side.SELLER], domains.of(conversation.tenant)
    about = {"again": domain.tagged(alias, Tag.START), "misused": domain.tagged(alias, Tag.MISUSE)} if out else None
    await noticing.notify(tx, conversation, Side.BUYER, "opted_out" if out else "opted_in", about)


async def unsubscribe(tx: Tx, local_part: str, domains: Domains) -> None:
    """Opt the buyer out who is given this alias to write to, as a mail program's button says (RFC 8058)."""
    found = await conversations.behind(tx, local_part)
    if found is None or found.desk or found.writer is not Side.BUYER:
        return
    conversation = await conversations.find(tx, found.tenant, found.conversation_id)
    if conversation is not None:
        await set_opted_out(tx, conversation, domains, out=True)


async def report_misuse(tx: Tx, conversation: Conversation) -> None:
    """Count what was marked critical and was not; the third time in 90 days the seller is told.

    Raises NothingCritical.
    """
    before = await is_misusing(tx, conversation.tenant, conversation.seller)
    if not await optouts.report_misuse(tx, conversation):
        raise NothingCritical
    await noticing.notify(tx, conversation, Side.BUYER, "misuse_counted")
    if not before and await is_misusing(tx, conversation.tenant, conversation.seller):
        await noticing.notify(tx, conversation, Side.SELLER, "misuse_flagged")


async def is_misusing(read: Read, tenant: str, seller: str) -> bool:
    """Return whether a seller is flagged for marking as critical what is not."""
    return is_flagged(await optouts.misuses(read, tenant, seller, read.now - WINDOW), read.now)
