"""Who calls: short Ed25519 tokens that `accounts` issues and every service verifies with its published keys."""

import asyncio
import base64
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import OKPKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.config.clock import Clock

ISSUER: Final = "kontor"
AUDIENCE: Final = "kontor"
ALGORITHM: Final = "Ed25519"
HEADER: Final = frozenset({"alg", "kid", "typ"})
TOKENS_KEPT = 4096
LONGEST_TOKEN = 16_384
SKEW_SECONDS = 5
TIMEOUT = aiohttp.ClientTimeout(total=2)


class Unauthenticated(Exception):
    """The token is missing, wrong or no longer valid: sign in again."""


class IdentityUnavailable(Exception):
    """Nobody can be identified now, because the keys or tokens of accounts cannot be had."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sent a verified token; `tenant` is empty for a service, `claims` are those beyond the common ones."""

    subject: str
    tenant: str
    roles: frozenset[str]
    claims: dict[str, Any]


class _Claims(BaseModel):
    """The claims every token has; the others are extras."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    iss: str
    aud: str
    sub: str = Field(min_length=1)
    tenant: str
    roles: frozenset[str]
    iat: int
    nbf: int
    exp: int


@dataclass(frozen=True, slots=True)
class _Known:
    caller: Caller
    until: int
    kid: str


class Verifier:
    """Turns tokens into callers; only Ed25519 (RFC 9864) signatures of published keys count."""

    def __init__(
        self,
        load_jwks: Callable[[], Awaitable[dict[str, Any]]],
        clock: Clock,
        issuer: str,
        *,
        look_again_seconds: float = 5.0,
        oldest_keys_seconds: float = 300.0,
    ) -> None:
        """Load keys when a token names an unknown one, at most every 5 seconds, and anew when older than 5 minutes."""
        self._load = load_jwks
        self._clock = clock
        self._issuer = issuer
        self._look_again = look_again_seconds
        self._oldest = oldest_keys_seconds
        self._keys: dict[str, OKPKey] = {}
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._loading: asyncio.Task[None] | None = None
        self._loaded_at: float | None = None
        self._tried_at: float | None = None
        self._failure: Exception | None = None

    async def verify(self, token: str) -> Caller:
        """Return the caller; raises `Unauthenticated`, or `IdentityUnavailable` where no key can be had."""
        if self._stale() and self._may_try():
            self._refresh()
        mark = hashlib.sha256(token.encode(errors="replace")).digest()
        known = self._known.get(mark)
        if known is not None and known.kid in self._keys and self._clock.now().timestamp() < known.until:
            self._known.move_to_end(mark)
            return known.caller
        box, kid = _parse(token)
        if not _holds(box, await self._key(kid)):
            raise Unauthenticated("the signature does not hold")
        self._known[mark] = known = _Known(*self._judge(box.payload), kid)
        if len(self._known) > TOKENS_KEPT:
            self._known.popitem(last=False)
        return known.caller

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
            self._loading = asyncio.create_task(self._replace_keys())
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

    def _judge(self, payload: bytes) -> tuple[Caller, int]:
        try:
            claims = _Claims.model_validate_json(payload)
        except ValidationError:
            raise Unauthenticated("the token lacks a claim") from None
        if claims.iss != self._issuer or claims.aud != AUDIENCE:
            raise Unauthenticated("the token is for somebody else")
        starts, now = max(claims.iat, claims.nbf), self._clock.now().timestamp()
        if starts > now:
            # The issuer may have read a shift of the clock some milliseconds before us.
            now = self._clock.fresh().timestamp()
        if starts > now + SKEW_SECONDS:
            raise Unauthenticated("the token is not yet valid")
        if claims.exp <= now:
            raise Unauthenticated("the token has expired")
        return Caller(claims.sub, claims.tenant, claims.roles, claims.model_extra or {}), claims.exp


class Issuer:
    """Signs tokens with one key, which has been published before."""

    def __init__(self, private: bytes, kid: str, issuer: str, clock: Clock) -> None:
        """Take the raw private half (32 bytes) from `new_signing_key`."""
        self._key = _okp(private)
        self._kid = kid
        self._issuer = issuer
        self._clock = clock

    def issue(
        self, subject: str, tenant: str, roles: Iterable[str], claims: Mapping[str, Any], lifetime: timedelta
    ) -> str:
        """Sign a token that is valid from now on; raises `ValueError` where `claims` name one of the common ones."""
        if taken := _Claims.model_fields.keys() & claims.keys():
            raise ValueError(f"these claims are the issuer's to set: {', '.join(sorted(taken))}")
        now = self._clock.now()
        common = {"iss": self._issuer, "aud": AUDIENCE, "sub": subject, "tenant": tenant, "roles": sorted(set(roles))}
        times = {"iat": int(now.timestamp()), "nbf": int(now.timestamp()), "exp": int((now + lifetime).timestamp())}
        payload = json.dumps({**claims, **common, **times}, ensure_ascii=False, separators=(",", ":"))
        header = {"alg": ALGORITHM, "kid": self._kid, "typ": "JWT"}
        return jws.serialize_compact(header, payload.encode(), self._key, algorithms=[ALGORITHM])


class ServiceIdentity:
    """A service's own token, fetched from accounts and kept until 30 seconds before its end."""

    def __init__(
        self, accounts_url: str, name: str, secret: str, session: aiohttp.ClientSession, *, clock: Clock | None = None
    ) -> None:
        self._url = f"{accounts_url.rstrip('/')}/service-token"
        self._body = {"service": name, "secret": secret}
        self._session = session
        self._clock = clock or Clock()
        self._lock = asyncio.Lock()
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)

    async def token(self) -> str:
        """Return a token to send as Bearer; raises `IdentityUnavailable` where accounts gives none within 2 seconds."""
        async with self._lock:
            if self._clock.now() >= self._until:
                await self._fetch()
            return self._token

    def forget(self, token: str) -> None:
        """Fetch anew next time, because somebody has refused this token."""
        if token == self._token:
            self._until = datetime.min.replace(tzinfo=UTC)

    async def _fetch(self) -> None:
        asked = self._clock.now()
        try:
            async with self._session.post(
                self._url, json=self._body, timeout=TIMEOUT, allow_redirects=False, raise_for_status=only_ok
            ) as answer:
                body = await answer.json()
            self._token = str(body["access_token"])
            self._until = asked + timedelta(seconds=float(body["expires_in"]) - 30)
        except (aiohttp.ClientError, TimeoutError, ArithmeticError, ValueError, KeyError, TypeError) as error:
            raise IdentityUnavailable("accounts gives no token") from error


async def fetch_jwks(session: aiohttp.ClientSession, accounts_url: str) -> dict[str, Any]:
    """Return the key set that accounts publishes; raises `IdentityUnavailable` where there is none within 2 seconds."""
    url = f"{accounts_url.rstrip('/')}/.well-known/jwks.json"
    try:
        async with session.get(url, timeout=TIMEOUT, allow_redirects=False, raise_for_status=only_ok) as answer:
            return cast("dict[str, Any]", await answer.json(content_type=None))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise IdentityUnavailable("accounts publishes no keys") from error


async def only_ok(answer: aiohttp.ClientResponse) -> None:
    """Raise an `aiohttp.ClientError` for any other status than 200, redirects included: secrets go to one address."""
    if answer.status != 200:
        raise aiohttp.ClientResponseError(answer.request_info, answer.history, status=answer.status)


def new_signing_key() -> bytes:
    """Make the raw private half (32 bytes) of a key that signs tokens."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_jwk(private: bytes, kid: str) -> dict[str, Any]:
    """Return what is published of a signing key: `{"keys": [public_jwk(...), ...]}` is the key set (RFC 7517)."""
    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "Ed25519", "x": _encoded(public), "kid": kid, "use": "sig", "alg": ALGORITHM}


def _okp(private: bytes) -> OKPKey:
    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": _encoded(public), "d": _encoded(private)})


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


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
