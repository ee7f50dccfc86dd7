"""Which files of a message are not passed on (MAIL-16)."""

from collections.abc import Iterable, Iterator

from mail_relay.domain.policy.attachment import Bounds, Objection, objections
from mail_relay.domain.policy.file_type import FileType, type_of
from mail_relay.domain.policy.pdf import links_in
from mail_relay.domain.rewriting.entities import DEPTH, Entity, read_entity
from mail_relay.domain.rewriting.fields import decoded


def files_of(root: Entity, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a message: all of its parts but the texts, of forwarded messages theirs. Raises Refused."""
    if root.media_type == "message/rfc822" and depth < DEPTH:
        yield from files_of(read_entity(root.decoded()), depth + 1)
        return
    for part in root.parts:
        yield from files_of(part, depth)
    if not root.parts and (root.file_name or not root.media_type.startswith("text/")):
        yield decoded(root.file_name), root.decoded()


def objections_to(files: Iterable[tuple[str, bytes]], bounds: Bounds) -> list[Objection]:
    """Return what is wrong with files, each with its name."""
    return [found for name, content in files for found in objections(name, content, bounds)]


def links_of(files: Iterable[tuple[str, bytes]]) -> list[str]:
    """Return where the links of those files lead that are PDF."""
    return [link for _, content in files if type_of(content) is FileType.PDF for link in links_in(content)]
