"""What somebody typed into a form that leads to a page, sealed in that page's address: nobody else can read it there.

So a page after a form may be opened again by Back, and its address, which logs and histories keep, tells nothing.
"""

import base64
import os
import zlib
from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field

from pages.visit import Visit

NONCE_BYTES: Final = 12
LONGEST: Final = 4000
# as it stands in an address
Sealed = Annotated[str, Field(max_length=LONGEST, pattern=r"^[A-Za-z0-9_-]*$")]


def seal(visit: Visit, path: str, typed: Mapping[str, Any]) -> str:
    """Return what was typed, for the page at this path and this browser alone."""
    nonce = os.urandom(NONCE_BYTES)
    closed = nonce + _cipher(visit).encrypt(nonce, zlib.compress(orjson.dumps(typed)), path.encode())
    return quote(base64.urlsafe_b64encode(closed).rstrip(b"=").decode())


def unseal(visit: Visit, path: str, sealed: str) -> dict[str, Any] | None:
    """Return what was typed; None where it was not typed in this browser, or for another page."""
    try:
        found = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        content = _cipher(visit).decrypt(found[:NONCE_BYTES], found[NONCE_BYTES:], path.encode())
    except (ValueError, InvalidTag, zlib.error):
        return None
    return orjson.loads(zlib.decompress(content))


def _cipher(visit: Visit) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, b"kontor sealed").derive(visit.visitor.encode()))
