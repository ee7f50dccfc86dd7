"""Pictures made anew, in a process of its own that can do little else:  python -m catalog.clients.workshop.

A picture comes on standard input. What goes out is one line of JSON, then the WebP files, the narrowest first. Nothing
of the file survives but its pixels: no metadata, no profile, nothing behind its end.
"""

import io
import json
import resource
import sys
from typing import Final

from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

FORMATS: Final = ("PNG", "JPEG", "WEBP")
PLUGINS: Final = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
WIDTHS: Final = (320, 640, 1280)
MOST_PIXELS, LONGEST_SIDE, LEAST_WIDTH = 40_000_000, 12_000, 320
MEMORY_BYTES, CPU_SECONDS = 1536 * 2**20, 20
QUALITY = 82


class Refused(Exception):
    """A picture that is not taken; its only argument is the reason."""


def limit() -> None:
    """Let this process have so much memory and time, and write no file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def decoded(content: bytes) -> Image.Image:
    """Return the pixels of a picture, the right way up, without anything else that the file had."""
    Image.MAX_IMAGE_PIXELS = None  # judged here, before anything is decoded
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as file:
            width, height = file.size
            if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
                raise Refused("vast")
            file.load()
            turned = ImageOps.exif_transpose(file)
    except Refused:
        raise
    except Exception:
        raise Refused("unreadable") from None
    if turned.width < LEAST_WIDTH:
        raise Refused("small")
    clear = turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info
    picture = turned.convert("RGBA" if clear else "RGB")
    picture.info = {}
    return picture


def written(picture: Image.Image, width: int) -> bytes:
    """Return a picture as WebP, at most so wide."""
    if width < picture.width:
        height = max(1, round(picture.height * width / picture.width))
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType] -- the stub leaves a parameter open
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return out.getvalue()


def main() -> None:
    """Read a picture, and write what became of it."""
    limit()
    out = sys.stdout.buffer
    try:
        picture = decoded(sys.stdin.buffer.read())
        files = [written(picture, width) for width in WIDTHS]
    except (Refused, MemoryError) as refused:
        reason = refused.args[0] if isinstance(refused, Refused) else "vast"
        out.write(json.dumps({"refused": reason}).encode() + b"\n")
        return
    width = min(picture.width, WIDTHS[-1])
    height = max(1, round(picture.height * width / picture.width))
    out.write(json.dumps({"width": width, "height": height, "sizes": [len(file) for file in files]}).encode() + b"\n")
    for file in files:
        out.write(file)


if __name__ == "__main__":
    main()
