"""Where the links of a PDF lead (ISO 32000-1, 12.6.4.7)."""

import re
import zlib

_URI = re.compile(rb"/URI\s*(?:\(((?:[^()\\]|\\.){1,2000})\)|<([0-9A-Fa-f\s]{2,4000})>)", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n")
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
# objects are packed in small streams; what is longer is a picture or a font
STREAM, ALL = 2_000_000, 20_000_000


def links_in(content: bytes) -> list[str]:
    """Return the addresses that links of a PDF lead to, each once, also of objects that are packed.

    At most 20 MB are unpacked. Those of an encrypted file are not seen.
    """
    found, left = _links(content), ALL
    view = memoryview(content)
    for match in _STREAM.finditer(content):
        try:
            unpacked = zlib.decompressobj().decompress(view[match.end() :], min(STREAM, left))
        except zlib.error:
            continue
        found += _links(unpacked)
        left -= len(unpacked)
        if left <= 0:
            break
    return list(dict.fromkeys(found))


def _links(source: bytes) -> list[str]:
    return [_text(*match.groups()) for match in _URI.finditer(source)]


def _text(literal: bytes | None, digits: bytes | None) -> str:
    if literal is not None:
        return _ESCAPE.sub(rb"\1", literal).decode("latin-1")
    whole = re.sub(rb"\s", b"", digits or b"").decode()
    return bytes.fromhex(whole + "0" * (len(whole) % 2)).decode("latin-1")
