"""What a file is by its content, whatever its name says."""

import re
from enum import StrEnum
from typing import Any, cast

import puremagic


class FileType(StrEnum):
    """The types that the rules tell apart."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    WEBP = "webp"
    TEXT = "text"
    ZIP = "zip"
    OLD_OFFICE = "old office"
    CLOSED_ARCHIVE = "closed archive"
    PROGRAM = "program"
    OTHER = "other"


ALLOWED = frozenset(
    (FileType.PDF, FileType.PNG, FileType.JPEG, FileType.GIF, FileType.WEBP, FileType.TEXT, FileType.ZIP)
)
"""The types that may be sent at all; a policy allows them or some of them."""


# what an operating system or a runtime starts
_PROGRAMS = (
    b"MZ",  # Windows
    b"L\x00\x00\x00\x01\x14\x02\x00",  # its shortcuts
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",  # macOS, in either order of bytes
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # for several processors, and classes of Java
    b"dex\n",  # Android
    b"\x00asm",  # WebAssembly
    b"#!",
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES = {".png": FileType.PNG, ".jpg": FileType.JPEG, ".gif": FileType.GIF, ".webp": FileType.WEBP}
_CLOSED = frozenset((".7z", ".rar", ".gz", ".xz", ".bz2", ".tar", ".cab", ".iso", ".lzh", ".zst", ".arj"))
# text that a program runs or a reader renders
_ACTIVE = re.compile(rb"\s*(?:<(?:!doctype|html|svg|\?xml|script|hta|package|job)|\{\\rtf|%!ps|@echo)", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def type_of(content: bytes) -> FileType:
    """Return what a file is by its content."""
    if content.startswith(_PROGRAMS):
        return FileType.PROGRAM
    # readers take a PDF that begins within the first kilobyte
    if b"%PDF-" in content[:1024]:
        return FileType.PDF
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return FileType.ZIP
    if content.startswith(_OLE):
        return FileType.OLD_OFFICE
    if _is_text(content):
        return FileType.OTHER if _ACTIVE.match(content.lstrip(b"\xef\xbb\xbf")) else FileType.TEXT
    try:
        matches = cast("list[Any]", puremagic.magic_string(content))  # pyright: ignore[reportUnknownMemberType] -- untyped
    except puremagic.PureError:
        return FileType.OTHER
    likely = {str(match.extension) for match in matches if match.confidence >= 0.3}
    for extension, found in _IMAGES.items():
        if extension in likely:
            return found
    return FileType.CLOSED_ARCHIVE if likely & _CLOSED else FileType.OTHER


def _is_text(content: bytes) -> bool:
    """Say whether a file is readable text in UTF-8, UTF-16 with its mark, or Windows' Western encoding."""
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "cp1252"):
        try:
            return not _CONTROL.search(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    return False
