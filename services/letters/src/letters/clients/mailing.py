"""Sending a letter: its sealed texts are opened, it is written and handed over; nothing opened is kept."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from chassis.config import Clock
from chassis.identity import ERASED, KeyRing, KeyRings, KeysUnavailable, SealBroken, seal
from contracts.emails import EmailAddress, EmailMalformed
from contracts.event import Sealed, SubjectKey
from mailing.envelope import Envelopes, Kind
from mailing.server import Answer, End, MailServer

from letters.clients.composing import Composer
from letters.domain.letter import Letter
from letters.domain.notification import About, Notification
from letters.domain.sending import LOCAL_ERROR, UNREADABLE_ADDRESS, Outcome, Sender, Verdict

log = structlog.get_logger(__name__)


class KeyUnknown(Exception):
    """Accounts answers, but does not know this key; that is a fault of somebody's data, not of the moment."""


@dataclass(frozen=True, slots=True)
class Senders:
    """The envelope senders of e-mails: each its own, to which bounces come back, or for all the address of the shop."""

    shop: Sender
    envelopes: Envelopes | None

    def of(self, letter: Letter | Notification, now: datetime) -> str:
        """Return the envelope sender of a letter."""
        if self.envelopes is None:
            return self.shop.of(letter.brand)
        return self.envelopes.bounce_address(letter.tenant, letter.id, Kind.LETTER, now)


async def send(
    letter: Letter, keys: KeyRings, composer: Composer, server: MailServer, senders: Senders, clock: Clock
) -> Outcome:
    """Send a letter; keys that cannot be had now hold it, keys that were destroyed end it (M26)."""
    opened = await _opened(letter, keys)
    if isinstance(opened, Outcome):
        return opened
    texts, recipient = opened
    content, copy = await asyncio.to_thread(_write, composer, letter, texts, recipient)
    answer = await server.hand_over(senders.of(letter, clock.now()), recipient, content)
    return _outcome(answer, copy if answer.end is End.ACCEPTED else None)


async def notify(
    notification: Notification,
    keys: KeyRings,
    composer: Composer,
    server: MailServer,
    senders: Senders,
    clock: Clock,
) -> Outcome:
    """Send a notification; like `send` otherwise, and no copy is kept."""
    opened = await _opened(notification, keys)
    if isinstance(opened, Outcome):
        return opened
    content = await asyncio.to_thread(composer.notification, notification, *opened)
    return _outcome(await server.hand_over(senders.of(notification, clock.now()), opened[1], content))


def _outcome(answer: Answer, sealed_copy: str | None = None) -> Outcome:
    return Outcome(Verdict(answer.end.value), answer.code, answer.text, sealed_copy)


async def _opened(letter: Letter | Notification, keys: KeyRings) -> tuple[dict[str, str], str] | Outcome:
    """Return the texts of a letter's boxes and the address it goes to, or why it cannot be written."""
    try:
        opened = await _open(letter.boxes, _ring(letter, keys))
        if opened is None:
            return Outcome(Verdict.ERASED)
        return opened, str(EmailAddress.read(opened[letter.email_box]))
    except KeysUnavailable:
        return Outcome(Verdict.HELD)
    except KeyUnknown as error:
        log.warning("accounts does not know the key of a letter", email=str(letter.id), key=str(error))
        return Outcome(Verdict.KEY_UNKNOWN, LOCAL_ERROR, "accounts does not know the key of this letter")
    except SealBroken:
        log.error("a letter has a box that does not open", email=str(letter.id))
        return Outcome(Verdict.BOUNCED, UNREADABLE_ADDRESS, "a box of this e-mail does not open")
    except EmailMalformed:
        return Outcome(Verdict.BOUNCED, UNREADABLE_ADDRESS, "the address is none that can be written to")


def _ring(letter: Letter | Notification, keys: KeyRings) -> KeyRing:
    """Return the keys to which its boxes are sealed: mostly customers', else a seller's or an organisation's."""
    about = letter.about if isinstance(letter, Notification) else None
    if about is About.GUEST:
        return keys.ring("invitations")
    return keys.ring("receipts") if about is not None and about.of_records else keys.ring("send e-mails")


def _write(composer: Composer, letter: Letter, opened: dict[str, str], recipient: str) -> tuple[bytes, str | None]:
    """Return the message, and its copy sealed to the seller's records where their key is known."""
    content = composer.message(letter, opened, recipient)
    if letter.seller.records is None:
        return content, None
    key, public = letter.seller.records
    try:
        copy = seal(composer.masked(letter, opened, recipient), SubjectKey(key=key, public=public), "letter")
    except SealBroken:
        log.error("a copy cannot be sealed to the seller's records", key=str(key))
        return content, None
    return content, str(copy)


async def _open(texts: Iterable[str], ring: KeyRing) -> dict[str, str] | None:
    """Return the text of every box, None where the customer's key has been destroyed.

    Raises KeysUnavailable, KeyUnknown, SealBroken.
    """
    boxes = {text: Sealed.parse(text) for text in texts}
    keys = await ring.unlock(boxes.values())
    opened: dict[str, str] = {}
    for text, box in boxes.items():
        try:
            content = keys.open(box)
        except KeysUnavailable:
            raise KeyUnknown(str(box.key)) from None
        if content is ERASED:
            return None
        opened[text] = content
    return opened
