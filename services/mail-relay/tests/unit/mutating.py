"""Makes further messages of the shapes of the corpus: other encodings, disguises, nestings, and damage."""

import random
from dataclasses import dataclass

from .building import DISGUISES, ME, OWN, described, escaped, filled, header_of, part, several

SHAPES = described("clients")
CHARSETS = ("utf-8", "iso-8859-1", "windows-1252", "utf-16", "iso-8859-15", "utf-7")
STRANGE = (b"\r\n", b"\n", b"\r", b"\0", b"--", b'"', b"<", b"=", b"=?utf-8?q?", b";")
ENCODINGS = ("8bit", "quoted-printable", "base64")
# what a quote may hold at any place; the others need a word of their own
SPELLINGS = ("as it is", "in capitals", "in reversed case", "with a tag", "with signs of no width", "in wide letters")


@dataclass(frozen=True, slots=True)
class Mutation:
    """A message that was made; `whole` unless it was damaged, so that a quote may have become the author's own."""

    raw: bytes
    whole: bool


def _part(dice: random.Random, shape: dict[str, str]) -> bytes:
    kind = dice.choice([kind for kind in ("text", "html") if kind in shape])
    text = (filled if kind == "text" else escaped)(shape[kind])
    spelling = DISGUISES[dice.choice(SPELLINGS)](ME)
    if kind == "html" and dice.random() < 0.3:
        spelling = "".join(f"&#{ord(sign)};" if dice.random() < 0.5 else sign for sign in ME)
    text = text.replace(ME, spelling)
    charset = dice.choice(CHARSETS) if text.isascii() else "utf-8"
    encoding = "base64" if charset == "utf-16" else dice.choice(ENCODINGS)
    return part("plain" if kind == "text" else "html", text, encoding, charset)


def _nested(dice: random.Random, inner: bytes, depth: int) -> bytes:
    boundary = f"b{dice.randrange(10**6)}"
    match dice.randrange(4):
        case 0:
            outer = several("mixed", part("plain", OWN, "8bit"), inner, boundary=boundary)
        case 1:
            forward = b"Content-Type: message/rfc822\r\n\r\n" + header_of() + inner
            outer = several("mixed", part("plain", OWN, "base64"), forward, boundary=boundary)
        case 2:
            image = b"Content-Type: image/png\r\nContent-ID: <a@" + ME.encode() + b">\r\n\r\nx"
            outer = several("related", inner, image, boundary=boundary)
        case _:
            signature = b"Content-Type: application/pgp-signature\r\n\r\n" + ME.encode()
            outer = several("signed", inner, signature, boundary=boundary)
    return _nested(dice, outer, depth - 1) if depth > 1 else outer


def _damaged(dice: random.Random, raw: bytes) -> bytes:
    octets = bytearray(raw)
    start = raw.index(b"MIME-Version")
    for _ in range(dice.randrange(1, 12)):
        at = dice.randrange(start, len(octets))
        match dice.randrange(5):
            case 0:
                octets[at] = dice.randrange(256)
            case 1:
                del octets[at : at + dice.randrange(1, 40)]
            case 2:
                octets[at:at] = dice.choice(
                    (b"\r\n", b"\n", b"\r", b"\0", b"--", b'"', b"<", b"=", b"=?utf-8?q?", b";")
                )
            case 3:
                octets[at:at] = octets[at : at + dice.randrange(1, 200)]
            case _:
                del octets[dice.randrange(at, len(octets)) :]
                at = 0
        start = min(start, len(octets) - 1)
    return bytes(octets)


def mutation(seed: int) -> Mutation:
    """Return the message of a seed."""
    dice = random.Random(seed)
    shape = dice.choice(SHAPES)
    inner = _part(dice, shape)
    if dice.random() < 0.5:
        inner = _nested(dice, inner, dice.randrange(1, 4))
    raw = header_of(shape.get("header", "")) + inner
    if dice.random() < 0.2:
        raw = raw.replace(b"\r\n", b"\n")
    damaged = dice.random() < 0.4
    return Mutation(_damaged(dice, raw) if damaged else raw, not damaged)
