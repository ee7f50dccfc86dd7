"""Which files people may send each other (MAIL-16)."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mail_relay.domain.policy.file_type import ALLOWED, FileType, type_of


class Reason(StrEnum):
    """What is wrong with a file."""

    PROGRAM = "program"
    MACROS = "macros"
    ACTIVE_PDF = "active pdf"
    TYPE = "type not allowed"
    DOUBLE_EXTENSION = "double extension"
    TURNED_NAME = "name with signs that turn its direction"
    PATH = "path that leaves the archive"
    ENCRYPTED = "encrypted"
    CLOSED_ARCHIVE = "archive that cannot be looked into"
    BROKEN_ARCHIVE = "broken archive"
    TOO_BIG = "unpacks to too much"
    TOO_MANY = "too many files"
    TOO_DEEP = "archives within archives"


# a person can ask what it is; the others are refused at once
HELD = frozenset((Reason.ENCRYPTED, Reason.CLOSED_ARCHIVE, Reason.ACTIVE_PDF))


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong with which file; one in an archive is named with its way: "photos.zip/setup.exe"."""

    reason: Reason
    name: str

    @property
    def held(self) -> bool:
        """Whether a person looks at it, instead of its being refused."""
        return self.reason in HELD


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much an attachment may unpack to, in bytes and files, how many archives may be in each other, and of what."""

    unpacked: int = 50_000_000
    files: int = 1_000
    depth: int = 2
    types: frozenset[FileType] = ALLOWED


_RUNS = frozenset(
    [
        "exe",
        "com",
        "scr",
        "pif",
        "bat",
        "cmd",
        "ps1",
        "psm1",
        "vbs",
        "vbe",
        "js",
        "jse",
        "wsf",
        "wsh",
        "hta",
        "msi",
        "msp",
        "mst",
        "cpl",
        "dll",
        "sys",
        "jar",
        "apk",
        "app",
        "command",
        "sh",
        "bash",
        "csh",
        "py",
        "pyw",
        "pl",
        "rb",
        "lnk",
        "url",
        "reg",
        "scf",
        "inf",
        "gadget",
        "application",
        "appref-ms",
        "msc",
        "chm",
        "iso",
        "img",
        "vhd",
        "vhdx",
        "dmg",
        "pkg",
        "deb",
        "rpm",
        "docm",
        "dotm",
        "xlsm",
        "xltm",
        "xlam",
        "pptm",
        "potm",
        "ppam",
        "ppsm",
        "sldm",
        "xll",
        "iqy",
        "slk",
    ]
)
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MACRO_FILES = re.compile(
    r"vbaproject\.bin$|vbadata\.xml$|^(?:basic|scripts)/|/activex\d*\.bin$|^xl/macrosheets/", re.IGNORECASE
)
_LEAVING = re.compile(r"^[/\\]|(?:^|[/\\])\.\.(?:[/\\]|$)|:")
_ACTIVE_PDF = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia)\b")
_OLE_MACROS = ("_VBA_PROJECT".encode("utf-16-le"), "Macros".encode("utf-16-le"))
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    NotImplementedError,
    RuntimeError,
)


@dataclass(slots=True)
class _Left:
    """What may still be unpacked, and of which types it may be."""

    bytes: int
    files: int
    types: frozenset[FileType]


def objections(name: str, content: bytes, bounds: Bounds | None = None) -> list[Objection]:
    """Return what is wrong with an attachment, and with what is in it; nothing when it may be sent."""
    bounds = bounds or Bounds()
    left = _Left(bounds.unpacked, bounds.files, bounds.types)
    return list(dict.fromkeys(_objections(name, name, content, bounds.depth, left)))


def _objections(way: str, name: str, content: bytes, depth: int, left: _Left) -> Iterator[Objection]:
    for reason in _of_name(name):
        yield Objection(reason, way)
    kind = type_of(content)
    if kind is FileType.PROGRAM:
        yield Objection(Reason.PROGRAM, way)
    elif kind is FileType.OLD_OFFICE:
        yield Objection(_of_old_office(content), way)
    elif kind is FileType.CLOSED_ARCHIVE:
        yield Objection(Reason.CLOSED_ARCHIVE, way)
    elif kind not in left.types:
        yield Objection(Reason.TYPE, way)
    if kind is FileType.PDF and _ACTIVE_PDF.search(content):
        yield Objection(Reason.ACTIVE_PDF, way)
    # an archive may hang on a picture: its list of files stands at the end
    if kind is FileType.ZIP or zipfile.is_zipfile(io.BytesIO(content)):
        yield from _in_archive(way, content, depth, left)


def _of_name(name: str) -> Iterator[Reason]:
    if _TURNING.search(name):
        yield Reason.TURNED_NAME
    extensions = [part.strip().lower() for part in _TURNING.sub("", name).rstrip(". ").split(".")[1:]]
    if extensions and extensions[-1] in _RUNS:
        yield Reason.PROGRAM
    # "example.com.pdf" is a name, "invoice.exe.pdf" is not
    if len(extensions) > 1 and (extensions[-1] in _RUNS or (_RUNS - {"com", "app", "py", "sh"}) & set(extensions[:-1])):
        yield Reason.DOUBLE_EXTENSION


def _of_old_office(content: bytes) -> Reason:
    """Return what is wrong with a file of an Office before 2007: macros, encryption, or its age."""
    if any(mark in content for mark in _OLE_MACROS):
        return Reason.MACROS
    return Reason.ENCRYPTED if _OLE_ENCRYPTED in content else Reason.TYPE


def _in_archive(way: str, content: bytes, depth: int, left: _Left) -> Iterator[Objection]:
    if depth == 0:
        yield Objection(Reason.TOO_DEEP, way)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from _in_files(way, archive, depth, left)
    except _BROKEN:
        yield Objection(Reason.BROKEN_ARCHIVE, way)


def _in_files(way: str, archive: zipfile.ZipFile, depth: int, left: _Left) -> Iterator[Objection]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    left.files -= len(entries)
    if left.files < 0:
        yield Objection(Reason.TOO_MANY, way)
        return
    names = {entry.filename for entry in entries}
    if any(_MACRO_FILES.search(name) for name in names):
        yield Objection(Reason.MACROS, way)
    # the parts of a document are not files that somebody sends
    document = bool(names & {"[Content_Types].xml", "META-INF/manifest.xml"})
    for entry in entries:
        inner = f"{way}/{entry.filename}"
        if _LEAVING.search(entry.filename):
            yield Objection(Reason.PATH, inner)
        if entry.flag_bits & 0x1:
            yield Objection(Reason.ENCRYPTED, inner)
            continue
        with archive.open(entry) as file:
            # what the archive says of sizes is not believed
            inside = file.read(left.bytes + 1)
        left.bytes -= len(inside)
        if left.bytes < 0:
            yield Objection(Reason.TOO_BIG, way)
            return
        base = re.split(r"[/\\]", entry.filename)[-1]
        for objection in _objections(inner, base, inside, depth - 1, left):
            if not (document and objection.reason is Reason.TYPE):
                yield objection
