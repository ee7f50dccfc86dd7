"""Signed tokens of callers, verified by hand and cached until they expire."""

import base64
import time
from typing import Any

import aiohttp
import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEPT = 4096


class TokenRefused(Exception):
    """The token is not valid."""


class Tokens:
    """Verifies tokens with the published keys, which are fetched once."""

    def __init__(self, jwks: str) -> None:
        self._jwks = jwks
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._known: dict[str, dict[str, Any]] = {}

    async def claims(self, token: str) -> dict[str, Any]:
        """Return the claims of a token. Raises TokenRefused."""
        known = self._known.get(token)
        if known is None:
            known = await self._verified(token)
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[token] = known
        if known["exp"] <= time.time():
            raise TokenRefused
        return known

    @staticmethod
    def public(key: dict[str, Any]) -> bytes:
        """Return the public half of a subject's key."""
        return base64.urlsafe_b64decode(key["public"])

    async def _verified(self, token: str) -> dict[str, Any]:
        try:
            signed, _, signature = token.encode().rpartition(b".")
            header, claims = [orjson.loads(decoded(part)) for part in signed.split(b".")]
            if header["alg"] != "Ed25519" or claims["iss"] != "kontor" or "orders" not in claims["aud"]:
                raise TokenRefused
            (await self._key(header["kid"])).verify(decoded(signature), signed)
        except (InvalidSignature, KeyError, ValueError):
            raise TokenRefused from None
        return claims

    async def _key(self, kid: str) -> Ed25519PublicKey:
        if not self._keys:
            async with aiohttp.ClientSession() as http, http.get(self._jwks) as answer:
                published = await answer.json()
            self._keys = {
                jwk["kid"]: Ed25519PublicKey.from_public_bytes(decoded(jwk["x"].encode())) for jwk in published["keys"]
            }
        return self._keys[kid]


def decoded(part: bytes) -> bytes:
    """Decode base64 without padding."""
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
