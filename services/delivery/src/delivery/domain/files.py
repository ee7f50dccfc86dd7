"""Files of an article: how they may be called, and what each is."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

LONGEST_NAME_BYTES = 200
FORBIDDEN_KINDS = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
JOINERS = "\u200c\u200d"
# formats that are seen: the signs of Arabic, Syriac and Kaithi that stand before or around a number or word
SEEN_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# an address, not a size or version: icon@2x.png, setup@1.2.zip
ADDRESS = re.compile(r"[\w.+-]@[^\W\d_][\w-]*(?:\.[\w-]+)*\.[^\W\d_]{2,}")
# the flags of England, Scotland and Wales are a black flag with letters that are not seen
FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}", re.ASCII)


class FileNameRefused(Exception):
    """A file name is 1 to 200 bytes of visible text without slashes, not starting or ending with a dot or space."""


class NameTellsTooMuch(Exception):
    """The name has somebody's e-mail address in it, and letters, pages and events would show it; choose another."""


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


class FileUnknown(Exception):
    """The article has no such file."""


class FileThere(Exception):
    """The article has, or had, a file of this name: it cannot take another one's place."""


class FileRetired(Exception):
    """This file is no longer offered."""


class ContentLeaving(Exception):
    """The same bytes are being removed at this moment; send them again in some minutes."""


class Grace(timedelta):
    """How long contents stay in the store when nobody can need them any more."""


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
    """Return the name in composed form (NFC); raises FileNameRefused, NameTellsTooMuch."""
    name = unicodedata.normalize("NFC", text)
    if not 1 <= len(name.encode(errors="replace")) <= LONGEST_NAME_BYTES or _hides(FLAG.sub("\U0001f3f4", name)):
        raise FileNameRefused
    if {"/", "\\"} & set(name) or name.strip(". ") == "" or name[0] in ". " or name[-1] in ". ":
        raise FileNameRefused
    if ADDRESS.search(name):
        raise NameTellsTooMuch
    return name


def media_type(text: str) -> str:
    """Return the media type without parameters; raises MediaTypeRefused."""
    kind = text.partition(";")[0].strip().lower()
    if MEDIA_TYPE.fullmatch(kind) is None:
        raise MediaTypeRefused
    return kind


def _hides(name: str) -> bool:
    """Return whether a character of a name is not seen, or not known to be one that people read.

    Joiners stay within words and emoji, where they belong to the spelling. What Unicode has added since this Python was
    made stays, too; it keeps places apart for characters that are not seen, and for those that never will be any.
    """
    for before, character, after in zip(" " + name, name, name[1:] + " ", strict=False):
        kind, point = unicodedata.category(character), ord(character)
        if kind in FORBIDDEN_KINDS:
            return True
        joining = character in JOINERS and _joins(before) and _joins(after)
        if kind == "Cf" and character not in SEEN_FORMATS and not joining:
            return True
        if kind == "Cn":
            never = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
            if never or point == 0x2065 or 0xFFF0 <= point <= 0xFFF8 or point >= 0xE0000:
                return True
    return False


def _joins(character: str) -> bool:
    """Return whether a joiner beside this character can matter: it does nothing in ASCII or beside another one."""
    return not character.isascii() and unicodedata.category(character) != "Cf"
