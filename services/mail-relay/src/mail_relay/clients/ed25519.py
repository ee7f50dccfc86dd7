"""Signatures by Ed25519 (RFC 8032), verified with nothing but Python; slow, and for what is public alone."""

from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha512

PRIME, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, PRIME) % PRIME
Point = tuple[int, int, int, int]
"""X, Y, Z and T of 5.1.4."""


def add(a: Point, b: Point) -> Point:
    """Add two points of the curve (5.1.4)."""
    less, more = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    torn, whole = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = more - less, whole - torn, whole + torn, more + less
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def combined(m: int, a: Point, n: int, b: Point) -> Point:
    """Return m times a and n times b."""
    if not m and not n:
        return 0, 1, 1, 0
    half = combined(m // 2, a, n // 2, b)
    found = add(half, half)
    found = add(found, a) if m % 2 else found
    return add(found, b) if n % 2 else found


def point(octets: bytes) -> Point:
    """Read a point (5.1.3)."""
    y = int.from_bytes(octets, "little") % 2**255
    square = (y * y - 1) * pow(D * y * y + 1, -1, PRIME)
    root = pow(square, (PRIME + 3) // 8, PRIME)
    x = root if (root * root - square) % PRIME == 0 else root * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    x = x if x % 2 == octets[31] >> 7 else PRIME - x
    return x, y, 1, x * y % PRIME


BASE = point((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))


def is_signed(keys: Mapping[str, str], seal: Mapping[str, str], statement: bytes) -> bool:
    """Return whether a statement was signed by the key that the seal names (5.1.7)."""
    key, signature = b64decode(keys.get(seal["key"], "")), b64decode(seal["signature"])
    if len(key) != 32 or len(signature) != 64:
        return False
    hashed = int.from_bytes(sha512(signature[:32] + key + statement).digest(), "little")
    signed = int.from_bytes(signature[32:], "little")
    x, y, z, _ = combined(signed, BASE, ORDER - hashed % ORDER, point(key))
    x, y = (one * pow(z, -1, PRIME) % PRIME for one in (x, y))
    return signed < ORDER and signature[:32] == (y + x % 2 * 2**255).to_bytes(32, "little")
