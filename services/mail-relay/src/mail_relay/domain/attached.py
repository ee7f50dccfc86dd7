"""Which files of a message are not passed on (MAIL-16)."""

from email import message_from_bytes
from email.message import Message
from typing import cast

from mail_relay.domain.policy.attachment import Bounds, Objection, objections


def objections_to(raw: bytes, bounds: Bounds) -> list[Objection]:
    """Return what is wrong with the files of a message that was rewritten, and so is well-formed."""
    message: Message = message_from_bytes(raw)
    return [found for part in message.walk() if not part.is_multipart() for found in _of(part, bounds)]


def _of(part: Message, bounds: Bounds) -> list[Objection]:
    """Return what is wrong with a part: all but the texts of the message itself are files."""
    name = part.get_filename() or ""
    if not name and part.get_content_maintype() == "text":
        return []
    return list(objections(name, cast("bytes", part.get_payload(decode=True) or b""), bounds))
