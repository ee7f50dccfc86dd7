"""Access tokens (JWT, RFC 7519): accounts signs them with Ed25519, every service verifies them by published keys."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from contracts.roles import OUTSIDE
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jwt import JWTClaimsRegistry
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.config.clock import Clock

ISSUER: Final = "kontor"
ALGORITHM: Final = "Ed25519"
# what an access token says that it is, and no other token does (RFC 9068, 2.1)
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 -- the name of a kind
TYPES: Final = frozenset({TOKEN_TYPE, f"application/{TOKEN_TYPE}"})
HEADER: Final = frozenset({"alg", "kid", "typ"})
TOKENS_KEPT = 4096
LONGEST_TOKEN = 16_384
SKEW_SECONDS = 5


class IdentityUnavailable(Exception):
    """Nobody can be identified now, because the keys or tokens of accounts cannot be had."""


class Unauthenticated(Exception):
    """The token is missing, wrong or no longer valid: sign in again.

    The refusal and its line in the log name the `facts`: by how many seconds our clock is behind the issuer's, or how
    long ago the token expired, by which one sees that a clock is wrong.
    """

    def __init__(self, reason: str, **facts: int) -> None:
        super().__init__(reason)
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a verified token; `tenant` is empty for a service, `claims` are those beyond the common ones."""

    subject: str
    tenant: str
    roles: frozenset[str]
    claims: dict[str, Any]

    @property
    def is_staff(self) -> bool:
        """Whether the caller works for the tenant."""
        return not self.roles <= OUTSIDE

    @property
    def authenticated_at(self) -> datetime | None:
        """When the person last signed in or proved once more who they are (RFC 9470); None where no token says so."""
        at = self.claims.get("auth_time")
        return datetime.fromtimestamp(at, UTC) if isinstance(at, int) else None


class _Claims(BaseModel):
    """The claims that every token has, with their types; a token may have others."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    iss: str
    aud: str | list[str]
    sub: str = Field(min_length=1)
    tenant: str
    roles: frozenset[str]
    iat: int
    nbf: int
    exp: int


@dataclass(frozen=True, slots=True)
class _VerifiedToken:
    caller: Caller
    until: int
    kid: str


class Verifier:
    """Turns tokens into callers; accepts Ed25519 signatures (RFC 9864) of published keys only.

    A token that is not for this `audience`, the service, is refused: whoever got it elsewhere can do nothing with it.
    """

    def __init__(
        self,
        load_jwks: Callable[[], Awaitable[dict[str, Any]]],
        clock: Clock,
        audience: str,
        *,
        look_again_seconds: float = 5.0,
        oldest_keys_seconds: float = 300.0,
    ) -> None:
        """Load keys when a token names an unknown one, at most every 5 seconds, and anew when older than 5 minutes."""
        self._load = load_jwks
        self._clock = clock
        self._audience = audience
        self._look_again = look_again_seconds
        self._oldest = oldest_keys_seconds
        self._keys: dict[str, OKPKey] = {}
        self._verified: OrderedDict[bytes, _VerifiedToken] = OrderedDict()
        self._loading: asyncio.Task[None] | None = None
        self._loaded_at: float | None = None
        self._tried_at: float | None = None
        self._failure: Exception | None = None

    async def verify(self, token: str) -> Caller:
        """Return the caller; raises `Unauthenticated`, or `IdentityUnavailable` where no key can be had."""
        if self._stale() and self._may_try():
            self._refresh()
        mark = hashlib.sha256(token.encode(errors="replace")).digest()
        known = self._verified.get(mark)
        if known is not None and known.kid in self._keys and self._clock.now().timestamp() < known.until:
            self._verified.move_to_end(mark)
            return known.caller
        box, kid = _parse(token)
        if not _holds(box, await self._key(kid)):
            raise Unauthenticated("the signature does not hold")
        self._verified[mark] = known = _VerifiedToken(*self._caller(box.payload), kid)
        if len(self._verified) > TOKENS_KEPT:
            self._verified.popitem(last=False)
        return known.caller

    def now(self) -> datetime:
        """Return the time by which tokens are judged."""
        return self._clock.now()

    async def _key(self, kid: str) -> OKPKey:
        if kid not in self._keys and (self._loading is not None or self._may_try()):
            # Shielded: a client that leaves must not end what others wait for.
            await asyncio.shield(self._refresh())
        if key := self._keys.get(kid):
            return key
        if self._failure is not None:
            raise IdentityUnavailable("the published keys cannot be had") from self._failure
        raise Unauthenticated("the key is not published")

    def _stale(self) -> bool:
        return self._loaded_at is None or time.monotonic() - self._loaded_at > self._oldest

    def _may_try(self) -> bool:
        return self._tried_at is None or time.monotonic() - self._tried_at >= self._look_again

    def _refresh(self) -> asyncio.Task[None]:
        if self._loading is None:
            self._tried_at = time.monotonic()
            self._loading = asyncio.create_task(self._replace_keys(), name="load published keys")
        return self._loading

    async def _replace_keys(self) -> None:
        try:
            self._keys = _published(await self._load())
            self._loaded_at, self._failure = time.monotonic(), None
        except Exception as error:
            # The keys at hand go on: an outage of accounts must not become an outage of everybody.
            self._failure = error
        finally:
            self._loading = None

    def _caller(self, payload: bytes) -> tuple[Caller, int]:
        # The issuer may have read a shift of the clock some milliseconds before us.
        now = int(self._clock.fresh().timestamp())
        registry = JWTClaimsRegistry(now, SKEW_SECONDS, iss={"value": ISSUER})
        try:
            claims = _Claims.model_validate_json(payload)
        except ValidationError:
            raise Unauthenticated("the token lacks a claim") from None
        if (ahead := max(claims.iat, claims.nbf) - now) > SKEW_SECONDS:
            raise Unauthenticated("the token is not valid yet", clock_behind_seconds=ahead)
        try:
            registry.validate(claims.model_dump(include={"iss", "iat", "nbf"}))
        except JoseError as error:
            raise Unauthenticated("the token is from somebody else") from error
        if self._audience not in ([claims.aud] if isinstance(claims.aud, str) else claims.aud):
            raise Unauthenticated("the token is for somebody else")
        # Not left to the registry, which would allow for the skew here too.
        if claims.exp <= now:
            raise Unauthenticated("the token has expired", expired_seconds=now - claims.exp)
        return Caller(claims.sub, claims.tenant, claims.roles, claims.model_extra or {}), claims.exp


def _published(jwks: dict[str, Any]) -> dict[str, OKPKey]:
    return {
        jwk["kid"]: OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": jwk["x"]})
        for jwk in jwks["keys"]
        if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519" and jwk.get("use", "sig") == "sig" and "kid" in jwk
    }


def _parse(token: str) -> tuple[jws.CompactSignature, str]:
    if len(token) > LONGEST_TOKEN:
        raise Unauthenticated("the token is too long")
    try:
        box = jws.extract_compact(token.encode())
        header = box.headers()
        # Anything else in a header (jwk, jku, x5c, crit, b64) is a way to bring one's own key or rules.
        sound = header["alg"] == ALGORITHM and header.keys() <= HEADER and isinstance(header["kid"], str)
        sound = sound and header["typ"].lower() in TYPES
    except Exception as error:
        raise Unauthenticated("this is no token") from error
    if not sound:
        raise Unauthenticated("the token is signed in a way that does not count")
    return box, header["kid"]


def _holds(box: jws.CompactSignature, key: OKPKey) -> bool:
    try:
        return jws.validate_compact(box, key, algorithms=[ALGORITHM])
    except Exception:
        return False
