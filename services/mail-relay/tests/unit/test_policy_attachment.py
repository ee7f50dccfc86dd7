"""Attachments: MAIL-16."""

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from mail_relay.domain.policy.attachment import Bounds, Objection, Reason, objections
from mail_relay.domain.policy.pdf import links_in

LINK = b"<< /S /URI /URI (https://billiger.shop/a\\(1\\)) >>"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 32
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
PROGRAM = b"MZ\x90\x00" + b"\x00" * 64


def packed(**files: bytes) -> bytes:
    return archive({name.replace("__", "."): content for name, content in files.items()})


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packing:
        for name, content in files.items():
            packing.writestr(name, content)
    return buffer.getvalue()


def document(**parts: bytes) -> bytes:
    return archive(
        {"[Content_Types].xml": b"<?xml version='1.0'?><Types/>", "word/document.xml": b"<?xml version='1.0'?><w/>"}
        | {name.replace("__", "/"): content for name, content in parts.items()}
    )


def encrypted(content: bytes) -> bytes:
    """Set the flag of encryption in both headers of a single file."""
    changed = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", changed, content.index(mark) + offset, 1)
    return bytes(changed)


def reasons(name: str, content: bytes, bounds: Bounds | None = None) -> set[Reason]:
    return {objection.reason for objection in objections(name, content, bounds)}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.png", PNG),
        ("photo.jpg", JPEG),
        ("photo.gif", b"GIF89a" + b"\x00" * 16),
        ("photo.webp", b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"\x00" * 16),
        ("invoice.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\n"),
        ("log.txt", "Fehler: größer als 5\n".encode()),
        ("log.txt", "Fehler: größer als 5\n".encode("cp1252")),
        ("no-name", b"a,b\n1,2\n"),
        ("photos.zip", packed(a__png=PNG, b__txt=b"hello")),
        ("report.docx", document(word__styles=b"<?xml version='1.0'?><s/>")),
        ("example.com.pdf", b"%PDF-1.7\n"),
        ("wrongly-named.txt", PNG),
    ],
)
def test_what_people_send_passes(name: str, content: bytes):  # MAIL-16
    assert objections(name, content) == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("photo.png", PROGRAM, Reason.PROGRAM),
        ("photo.png", b"\x7fELF\x02\x01\x01" + b"\x00" * 32, Reason.PROGRAM),
        ("notes.txt", b"#!/bin/sh\nrm -rf /\n", Reason.PROGRAM),
        ("start.bat", b"dir\n", Reason.PROGRAM),
        ("start.bat. ", b"dir\n", Reason.PROGRAM),
        ("invoice.pdf.exe", PNG, Reason.DOUBLE_EXTENSION),
        ("invoice.exe.pdf", b"%PDF-1.7\n", Reason.DOUBLE_EXTENSION),
        ("invoice\u202efdp.exe", PNG, Reason.TURNED_NAME),
        ("page.txt", b"<html><script>alert(1)</script></html>", Reason.TYPE),
        ("picture.svg", b"<?xml version='1.0'?><svg onload='x()'/>", Reason.TYPE),
        ("video.png", b"\x00\x00\x00\x18ftypisom" + b"\x00" * 32, Reason.TYPE),
        ("old.doc", OLE, Reason.TYPE),
        ("old.doc", OLE + "_VBA_PROJECT".encode("utf-16-le"), Reason.MACROS),
        ("new.docx", archive({"[Content_Types].xml": b"<x/>", "word/vbaProject.bin": OLE}), Reason.MACROS),
        ("sheet.ods", archive({"META-INF/manifest.xml": b"<x/>", "Basic/Standard/M.xml": b"<x/>"}), Reason.MACROS),
        ("files.zip", packed(setup__png=PROGRAM), Reason.PROGRAM),
        ("files.zip", archive({"inner.zip": packed(setup__png=PROGRAM)}), Reason.PROGRAM),
        ("files.zip", archive({"../../etc/x.txt": b"x"}), Reason.PATH),
        ("files.zip", archive({"invoice.pdf.scr": b"x"}), Reason.DOUBLE_EXTENSION),
        ("photo.png", PNG + packed(setup__exe=PROGRAM), Reason.PROGRAM),
        ("files.zip", packed(a__txt=b"hello hello")[:40], Reason.BROKEN_ARCHIVE),
    ],
)
def test_what_does_harm_is_refused_with_its_reason(name: str, content: bytes, reason: Reason):  # MAIL-16
    found = objections(name, content)
    assert reason in {objection.reason for objection in found}
    assert not any(objection.held for objection in found)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("secret.zip", encrypted(packed(a__txt=b"hello")), Reason.ENCRYPTED),
        ("secret.docx", OLE + "EncryptedPackage".encode("utf-16-le"), Reason.ENCRYPTED),
        ("files.7z", b"7z\xbc\xaf\x27\x1c\x00\x04" + b"\x00" * 32, Reason.CLOSED_ARCHIVE),
        ("files.rar", b"Rar!\x1a\x07\x01\x00" + b"\x00" * 32, Reason.CLOSED_ARCHIVE),
        ("form.pdf", b"%PDF-1.7\n<< /OpenAction << /S /JavaScript /JS (x) >> >>\n", Reason.ACTIVE_PDF),
    ],
)
def test_what_cannot_be_judged_is_held(name: str, content: bytes, reason: Reason):  # MAIL-16
    assert [(found.reason, found.held) for found in objections(name, content)] == [(reason, True)]


def test_a_file_in_an_archive_is_named_with_its_way():  # MAIL-16
    content = archive({"inner.zip": packed(setup__dat=PROGRAM)})
    assert objections("files.zip", content) == [Objection(Reason.PROGRAM, "files.zip/inner.zip/setup.dat")]


def test_archives_are_bounded_in_bytes_files_and_depth():  # MAIL-16
    bounds = Bounds(unpacked=1_000, files=3, depth=2)
    assert reasons("a.zip", packed(a__txt=b"x" * 1_000), bounds) == set()
    assert reasons("a.zip", packed(a__txt=b"x" * 1_001), bounds) == {Reason.TOO_BIG}
    assert reasons("a.zip", packed(a__txt=b"x" * 600, b__txt=b"x" * 600), bounds) == {Reason.TOO_BIG}
    assert reasons("a.zip", archive({f"{n}.txt": b"x" for n in range(4)}), bounds) == {Reason.TOO_MANY}
    twice = archive({"b.zip": packed(a__txt=b"x")})
    assert reasons("a.zip", twice, bounds) == set()
    assert reasons("a.zip", archive({"c.zip": twice}), bounds) == {Reason.TOO_DEEP}


def test_a_bomb_takes_no_memory():  # MAIL-16
    bomb = packed(a__txt=b" " * 20_000_000)
    tracemalloc.start()
    assert reasons("a.zip", bomb, Bounds(unpacked=1_000)) == {Reason.TOO_BIG}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_a_bomb_that_lies_about_its_size_is_not_unpacked():  # MAIL-16
    content = bytearray(packed(a__txt=b"\x20" * 5_000_000))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", content, content.index(mark) + offset, 10)
    assert reasons("a.zip", bytes(content), Bounds(unpacked=1_000)) & {Reason.TOO_BIG, Reason.BROKEN_ARCHIVE}


def test_links_of_a_pdf_are_found_plain_packed_and_in_digits():  # MAIL-16
    page = "https://billiger.shop/a(1)"
    packed_object = b"5 0 obj << /Type /ObjStm >> stream\r\n" + zlib.compress(LINK) + b"\nendstream"
    assert links_in(b"%PDF-1.7\n" + LINK) == [page]
    assert links_in(b"%PDF-1.7\nstream\nno zlib\nendstream\n" + packed_object) == [page]
    assert links_in(b"%PDF-1.7\n<< /URI <" + page.encode().hex().encode() + b"> >>") == [page]
    assert links_in(b"%PDF-1.7\n<< /Type /Catalog >>") == []


def test_a_pdf_that_unpacks_to_much_is_read_in_part():  # MAIL-16
    bomb = b"stream\n" + zlib.compress(bytes(50_000_000)) + b"\nendstream\n"
    tracemalloc.start()
    assert links_in(b"%PDF-1.7\n" + bomb * 20) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
