"""Files of an article: how they may be called, and what each is."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

LONGEST_NAME_BYTES = 200
FORBIDDEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}", re.ASCII)


class FileNameRefused(Exception):
    """A file name is 1 to 200 bytes of visible text without slashes, not starting or ending with a dot or space."""


class MediaTypeRefused(Exception):
    """The Content-Type must be a media type such as application/zip."""


class FileTooLarge(Exception):
    """The file is larger than this installation accepts."""


class FileEmpty(Exception):
    """The file is empty."""


class HashDiffers(Exception):
    """What arrived does not have the SHA-256 that was announced; nothing was kept."""


class UploadTorn(Exception):
    """The upload ended before all of it had arrived; nothing was kept."""


class FileDamaged(Exception):
    """This file cannot be delivered at the moment: what is stored is not what was released. We have been told."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is stored: the lower-case SHA-256, the size in bytes, and the store's own tag of it."""

    sha256: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is delivered now; it keeps its id when a new version replaces it."""

    id: UUID
    sku: str
    version: str
    name: str
    media_type: str
    size: int
    sha256: str
    released_at: datetime


def file_name(text: str) -> str:
    """Return the name in composed form (NFC); raises FileNameRefused."""
    name = unicodedata.normalize("NFC", text)
    kinds = {unicodedata.category(character) for character in name}
    if not 1 <= len(name.encode(errors="replace")) <= LONGEST_NAME_BYTES or kinds & FORBIDDEN_KINDS:
        raise FileNameRefused
    if {"/", "\\"} & set(name) or name.strip(". ") == "" or name[0] in ". " or name[-1] in ". ":
        raise FileNameRefused
    return name


def media_type(text: str) -> str:
    """Return the media type without parameters; raises MediaTypeRefused."""
    kind = text.partition(";")[0].strip().lower()
    if MEDIA_TYPE.fullmatch(kind) is None:
        raise MediaTypeRefused
    return kind
