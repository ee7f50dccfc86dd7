"""Which files of a message are not passed on (MAIL-16)."""

from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.message import Message
from typing import cast

from mail_relay.domain.policy.attachment import Bounds, Objection, objections
from mail_relay.domain.policy.file_type import FileType, type_of
from mail_relay.domain.policy.pdf import links_in


def files_of(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a message that was rewritten: all of its parts but the texts of the message itself."""
    message: Message = message_from_bytes(raw)
    for part in message.walk():
        name = part.get_filename() or ""
        if not part.is_multipart() and (name or part.get_content_maintype() != "text"):
            yield name, cast("bytes", part.get_payload(decode=True) or b"")


def objections_to(files: Iterable[tuple[str, bytes]], bounds: Bounds) -> list[Objection]:
    """Return what is wrong with files, each with its name."""
    return [found for name, content in files for found in objections(name, content, bounds)]


def links_of(files: Iterable[tuple[str, bytes]]) -> list[str]:
    """Return where the links of those files lead that are PDF."""
    return [link for _, content in files if type_of(content) is FileType.PDF for link in links_in(content)]
