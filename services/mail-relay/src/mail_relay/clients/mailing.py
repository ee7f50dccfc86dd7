"""Sending a letter: its boxes are opened, it is written and handed over; nothing opened is kept."""

import asyncio
from dataclasses import dataclass, replace

import structlog
from chassis.identity.keys import KeyRing, KeysUnavailable, Tombstone
from chassis.identity.sealing import SealBroken, seal
from contracts.event import Sealed, SubjectKey

from mail_relay.clients.composing import Composer
from mail_relay.clients.post import Post
from mail_relay.domain.letter import Letter
from mail_relay.domain.sending import UNREADABLE_ADDRESS, Outcome, Verdict
from mail_relay.domain.texts import PLAIN_ADDRESS

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Mailer:
    """Opens, writes and sends letters."""

    ring: KeyRing
    composer: Composer
    post: Post
    sender: str

    async def send(self, letter: Letter) -> Outcome:
        """Send a letter; keys that cannot be had now hold it, keys that were destroyed end it (M26)."""
        try:
            opened = await self._opened(letter)
        except KeysUnavailable:
            return Outcome(Verdict.HELD)
        except SealBroken:
            log.error("a letter has a box that does not open", email=str(letter.email))
            return Outcome(Verdict.BOUNCED, UNREADABLE_ADDRESS, "a box of this e-mail does not open")
        if opened is None:
            return Outcome(Verdict.ERASED)
        recipient = reachable(opened[letter.email_box])
        if recipient is None:
            return Outcome(Verdict.BOUNCED, UNREADABLE_ADDRESS, "the address is none that can be written to")
        content, copy = await asyncio.to_thread(self._written, letter, opened, recipient)
        outcome = await self.post.hand_over(self.sender, recipient, content)
        return replace(outcome, letter=copy) if outcome.verdict is Verdict.ACCEPTED else outcome

    def _written(self, letter: Letter, opened: dict[str, str], recipient: str) -> tuple[bytes, str | None]:
        """The message, and its copy sealed to the seller's records where their key is known."""
        content = self.composer.message(letter, opened, recipient)
        if letter.seller.records is None:
            return content, None
        key, public = letter.seller.records
        try:
            copy = seal(self.composer.masked(letter, opened, recipient), SubjectKey(key=key, public=public), "letter")
        except SealBroken:
            log.error("a copy cannot be sealed to the seller's records", key=str(key))
            return content, None
        return content, str(copy)

    async def _opened(self, letter: Letter) -> dict[str, str] | None:
        """Every box and its text, None where the customer's key has been destroyed."""
        boxes = {text: Sealed.parse(text) for text in letter.boxes}
        keys = await self.ring.unlock(boxes.values())
        opened: dict[str, str] = {}
        for text, box in boxes.items():
            found = keys.open(box)
            if isinstance(found, Tombstone):
                return None
            opened[text] = found
        return opened


def reachable(address: str) -> str | None:
    """The address as the server is told it, its domain in ASCII (RFC 5891); None for what is no plain address."""
    if not PLAIN_ADDRESS.fullmatch(address):
        return None
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None
