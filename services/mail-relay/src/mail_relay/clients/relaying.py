"""Relaying a message: it is opened, rewritten for the other side, and handed over; nothing opened is kept."""

import asyncio
from base64 import b64decode
from collections.abc import Mapping, Sequence

import structlog
from chassis.identity import KeyRings, KeysUnavailable, SealBroken
from contracts.emails import EmailAddress, EmailMalformed
from mailing.server import Answer

from mail_relay.clients.contents import ContentDamaged, Contents, ContentsAway
from mail_relay.clients.opening import BoxErased, unlock_boxes
from mail_relay.clients.outgoing import Outgoing
from mail_relay.domain.alias import Domain, Domains, PublicUrl, Side, Tag
from mail_relay.domain.relaying import Outcome, Task, Verdict, may_be_named, shown_ids, shown_name
from mail_relay.domain.rewriting import Way, referred, rewrite

log = structlog.get_logger(__name__)

NO_ADDRESS, LOCAL_ERROR = 553, 451


async def relay(
    task: Task, keys: KeyRings, contents: Contents, outgoing: Outgoing, domains: Domains, public: PublicUrl
) -> Outcome:
    """Hand a message to the other side; keys that cannot be had now hold it, keys that were destroyed end it (M26)."""
    if task.contact_key_box is None or task.email_box is None:
        return Outcome(Verdict.ERASED)
    try:
        boxes = await unlock_boxes([task.contact_key_box, task.email_box], keys)
        buyer = str(EmailAddress.read(boxes.text(task.email_box)))
        seller = task.reached.email if task.reached else None
        if seller is None:
            return Outcome(Verdict.BOUNCED, NO_ADDRESS, "the seller has named no address")
        content = await contents.get(task.id, b64decode(boxes.text(task.contact_key_box)))
        named = referred(content)
        thread = await unlock_boxes([one.original for one in may_be_named(task, named)], keys)
        known_ids = shown_ids(task, named, thread.text)
    except BoxErased:
        return Outcome(Verdict.ERASED)
    except (KeysUnavailable, ContentsAway):
        return Outcome(Verdict.HELD)
    except (SealBroken, EmailMalformed, ContentDamaged) as error:
        log.error("a message cannot be opened", message=str(task.id), reason=type(error).__name__)
        return Outcome(Verdict.BOUNCED, NO_ADDRESS, "the message cannot be opened")
    to = seller if task.side is Side.BUYER else buyer
    domain = domains.of(task.tenant)
    signed = await asyncio.to_thread(_written, task, content, buyer, seller, known_ids, domain, public, outgoing)
    del content  # while the other side's server takes its time
    return _outcome(await outgoing.message(task.tenant, task.id, to, signed, task.received_at))


def _written(
    task: Task,
    content: bytes,
    buyer: str,
    seller: str,
    known_ids: Mapping[str, str],
    domain: Domain,
    public: PublicUrl,
    outgoing: Outgoing,
) -> Sequence[bytes]:
    """Return a message as the other side gets it, in pieces."""
    alias = task.aliases[task.side]
    stop = (domain.tagged(alias, Tag.STOP), f"{public.url}/unsubscribe/{alias}")
    hidden, receiver = ((buyer,), seller) if task.side is Side.BUYER else ((seller, *task.writers), buyer)
    way = Way(
        hidden=hidden,
        alias=domain.address(alias),
        name=shown_name(task),
        written_to=domain.address(task.aliases[task.side.other]),
        receiver=receiver,
        message_id=task.message_id,
        accepted_at=task.received_at,
        known_ids=known_ids,
        unsubscribe=stop if task.side is Side.SELLER and task.opt_out else None,
    )
    return outgoing.signed(task.tenant, rewrite(content, way).raw)


def _outcome(answer: Answer) -> Outcome:
    return Outcome(Verdict(answer.end.value), answer.code, answer.text)
