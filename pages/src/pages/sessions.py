"""Sessions of visitors: the tokens of accounts, sealed with the secret in the visitor's cookie.

The table `sessions` is the service's own. Whoever reads it can open nothing, for the cookie is not in it.
"""

import asyncio
import hashlib
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from chassis.db import Begin, Read, Tx
from chassis.web import Problem
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pages.upstream import Upstream
from pages.visit import Session, Visit

RENEW_BEFORE: Final = timedelta(seconds=60)
RENEW_SECONDS: Final = 10.0
WAIT_SECONDS: Final = 3.0
NONCE_BYTES: Final = 12
UNAUTHORIZED: Final = 401
# accounts waits a minute longer before it asks who somebody is, so that a form that is shown can be sent
FRESH: Final = timedelta(minutes=4)
KEPT: Final = ("access_token", "refresh_token", "subject", "must_enrol", "must_confirm")

FIND = "select sealed from sessions where id = $1 and expires_at > $2"
OPEN = """
insert into sessions (id, sealed, expires_at) values ($1, $2, $3)
on conflict (id) do update set sealed = excluded.sealed, expires_at = excluded.expires_at, renewing_until = null"""
CLAIM = """
update sessions set renewing_until = $2
where id = $1 and sealed = $4 and coalesce(renewing_until, '-infinity') < $3
returning 1"""
SETTLE = "update sessions set sealed = $2, renewing_until = null where id = $1"
RELEASE = "update sessions set renewing_until = null where id = $1"
END = "delete from sessions where id = $1"
SWEEP = "delete from sessions where expires_at <= $1"


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, finds, renews and ends sessions; none lives longer than `lifetime`."""

    upstream: Upstream
    lifetime: timedelta

    async def begin(self, begin: Begin, visitor: str, tenant: str, tokens: dict[str, Any], visit: Visit) -> None:
        """Keep the tokens of a sign-in for the holder of a cookie that nobody had before."""
        content: dict[str, Any] = {"tenant": tenant, "name": "", "roles": [], **_kept(tokens), "until": "", "since": ""}
        signed_in = _session(content, fresh=True)
        me: dict[str, Any] = {}
        if not signed_in.must_enrol:
            me = await self.upstream.get(_as(visit, signed_in), "accounts", "/me")
        async with begin() as tx:
            content |= {"name": me.get("name", ""), "roles": me.get("roles", [])}
            content |= {"until": _until(tx.now, tokens), "since": tx.now.isoformat()}
            await tx.execute(OPEN, _id(visitor), _seal(visitor, content), tx.now + self.lifetime)

    async def find(self, read: Read, begin: Begin, visit: Visit) -> Session | None:
        """Return the session of a visitor, if accounts has not ended it, with a token that is good for a minute.

        While accounts cannot renew it, there is none: what everybody may see is shown all the same. While accounts does
        not answer, a session goes on as long as its token, which the services take as long.
        """
        id_ = _id(visit.visitor)
        end = asyncio.get_running_loop().time() + WAIT_SECONDS
        while True:
            sealed = await read.value(FIND, id_, read.now)
            content = _open(visit.visitor, sealed) if sealed else None
            if sealed is None or content is None:
                return None
            if read.now < datetime.fromisoformat(content["until"]) - RENEW_BEFORE:
                return await self._living(begin, visit, _session(content, fresh=_is_fresh(content, read.now)))
            async with begin() as tx:
                claimed = await tx.value(CLAIM, id_, tx.now + timedelta(seconds=RENEW_SECONDS), tx.now, sealed)
            if claimed:
                return await self._renew(begin, visit, content)
            if asyncio.get_running_loop().time() > end:
                return None
            await asyncio.sleep(0.1)  # another request of this visitor renews it

    async def lives(self, visit: Visit) -> bool:
        """Return whether accounts lets a session go on: it may have been ended elsewhere, and its token not yet."""
        try:
            await self.upstream.get(visit, "accounts", "/me/session")
        except Problem as refused:
            return refused.status != UNAUTHORIZED
        return True

    async def end(self, begin: Begin, visit: Visit) -> None:
        """End the session here and at accounts."""
        async with begin() as tx:
            sealed = await tx.value(FIND, _id(visit.visitor), tx.now)
            await tx.execute(END, _id(visit.visitor))
        content = _open(visit.visitor, sealed) if sealed else None
        if content is not None:
            await self.upstream.post(visit, "accounts", "/sign-out", {"refresh_token": content["refresh_token"]})

    async def renew(self, begin: Begin, visit: Visit) -> None:
        """Get the tokens of a session anew, because what they say has changed; only this once, not the rule."""
        id_ = _id(visit.visitor)
        end = asyncio.get_running_loop().time() + WAIT_SECONDS
        while asyncio.get_running_loop().time() < end:
            async with begin() as tx:
                sealed = await tx.value(FIND, id_, tx.now)
                content = _open(visit.visitor, sealed) if sealed else None
                if content is None:
                    return
                claimed = await tx.value(CLAIM, id_, tx.now + timedelta(seconds=RENEW_SECONDS), tx.now, sealed)
            if claimed:
                await self._renew(begin, visit, content)
                return
            await asyncio.sleep(0.1)  # another request renews it, and may have asked before the change

    async def _living(self, begin: Begin, visit: Visit, session: Session) -> Session | None:
        if await self.lives(_as(visit, session)):
            return session
        async with begin() as tx:
            await tx.execute(END, _id(visit.visitor))
        return None

    async def _renew(self, begin: Begin, visit: Visit, content: dict[str, Any]) -> Session | None:
        try:
            tokens = await self.upstream.post(
                visit, "accounts", "/refresh", {"refresh_token": content["refresh_token"]}
            )
        except Problem as refused:
            over = refused.status == UNAUTHORIZED
            async with begin() as tx:
                await tx.execute(END if over else RELEASE, _id(visit.visitor))
            return None
        async with begin() as tx:
            content |= {**_kept(tokens), "until": _until(tx.now, tokens)}
            await tx.execute(SETTLE, _id(visit.visitor), _seal(visit.visitor, content))
            fresh = _is_fresh(content, tx.now)
        return _session(content, fresh=fresh)


async def remove_expired(tx: Tx) -> None:
    """Forget sessions that have ended."""
    await tx.execute(SWEEP, tx.now)


def _kept(tokens: dict[str, Any]) -> dict[str, Any]:
    return {name: tokens[name] for name in KEPT}


def _until(now: datetime, tokens: dict[str, Any]) -> str:
    return (now + timedelta(seconds=float(tokens["expires_in"]))).isoformat()


def _is_fresh(content: dict[str, Any], now: datetime) -> bool:
    return now - datetime.fromisoformat(content["since"]) < FRESH


def _session(content: dict[str, Any], *, fresh: bool) -> Session:
    return Session(
        tenant=content["tenant"],
        subject=str(content["subject"]),
        name=content["name"],
        roles=tuple(content["roles"]),
        token=content["access_token"],
        must_enrol=bool(content["must_enrol"]),
        must_confirm=bool(content["must_confirm"]),
        fresh=fresh,
    )


def _as(visit: Visit, session: Session) -> Visit:
    return replace(visit, session=session)


def _id(visitor: str) -> bytes:
    return hashlib.sha256(f"session {visitor}".encode()).digest()


def _cipher(visitor: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, b"kontor session").derive(visitor.encode()))


def _seal(visitor: str, content: dict[str, Any]) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(visitor).encrypt(nonce, orjson.dumps(content), _id(visitor))


def _open(visitor: str, sealed: bytes) -> dict[str, Any] | None:
    try:
        return orjson.loads(_cipher(visitor).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _id(visitor)))
    except InvalidTag:
        return None
