"""Files that are pictures, or claim to be."""

import io
import struct
import zlib

from PIL import Image, ImageOps

HIDDEN = b"<script>alert('a polyglot')</script>"


def picture(width: int = 1600, height: int = 900, kind: str = "PNG", mode: str = "RGB", **how: object) -> bytes:
    """A picture with a slope of colours."""
    image = Image.merge("RGB", [Image.linear_gradient("L")] * 3).convert(mode)
    image = ImageOps.fit(image, (width, height))
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG file (RFC 2083)."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(side: int) -> bytes:
    """A PNG file of some kilobytes whose pixels would need gigabytes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0))
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(b"\0" * (4 * side + 1)) for _ in range(100)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def polyglot() -> bytes:
    """A picture that is a page too: in a comment, in its EXIF, and behind its end."""
    exif = Image.Exif()
    exif[0x010E] = HIDDEN.decode()
    exif[0x0112] = 6
    return picture(1200, 800, "JPEG", exif=exif, comment=HIDDEN) + HIDDEN
