"""What people hold in their hands, played by the standard library: an authenticator app (RFC 6238)."""

import asyncio
import base64
import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .conftest import House, Person

STEP = 30


@dataclass
class App:
    """An authenticator app that has read the QR code's address; it stays in the time step in which it was looked at.

    So a test sees the same codes when a step ends meanwhile; the server admits the step before.
    """

    uri: str
    secret: bytes
    issuer: str
    account: str
    step: int = 0

    @classmethod
    def reads(cls, uri: str) -> "App":
        parts = urlsplit(uri)
        assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert (asked["digits"], asked["period"], asked["algorithm"]) == ("6", "30", "SHA1")
        issuer, account = unquote(parts.path.removeprefix("/")).split(":")
        assert issuer == asked["issuer"]
        return cls(uri, base64.b32decode(asked["secret"]), issuer, account, int(time.time()) // STEP)

    async def look(self) -> None:
        """Look at the app, after a moment where a step is about to end."""
        left = STEP - time.time() % STEP
        if left < 3:
            await asyncio.sleep(left)
        self.step = int(time.time()) // STEP

    def code(self, steps: int = 0) -> str:
        """The code shown then, or so many steps later."""
        mac = hmac.new(self.secret, (self.step + steps).to_bytes(8, "big"), hashlib.sha1).digest()
        place = mac[-1] & 15
        number = int.from_bytes(mac[place : place + 4], "big") & 0x7FFFFFFF
        return f"{number % 10**6:06}"

    def wrong(self) -> str:
        """A code that is not shown anywhere near now."""
        near = {self.code(steps) for steps in range(-4, 5)}
        return next(code for code in ("000000", *(f"{n:06}" for n in range(1, 10))) if code not in near)


@dataclass
class Enrolled:
    """Somebody with a second factor."""

    app: App
    recovery_codes: list[str]
    tokens: dict[str, Any]

    @property
    def token(self) -> str:
        return self.tokens["access_token"]


async def begins(house: House, person: Person, token: str) -> App:
    """Begin to enrol."""
    status, device = await house.ask("POST", "/me/second-factor", {"password": person.password}, token)
    assert status == 200, device
    return App.reads(device["uri"])


async def enrols(house: House, person: Person, token: str = "") -> Enrolled:
    """Enrol, with the code of the step before; those of this step and the next are left."""
    token = token or (await house.sign_in(person))["access_token"]
    app = await begins(house, person, token)
    await app.look()
    status, confirmed = await house.ask("POST", "/me/second-factor/confirmation", {"code": app.code(-1)}, token)
    assert status == 200, confirmed
    return Enrolled(app, confirmed["recovery_codes"], confirmed["tokens"])


async def signs_in(house: House, person: Person, code: str | None = None) -> tuple[int, dict[str, Any]]:
    """Try to sign in, with a code or without."""
    return await house.ask("POST", "/sign-in", person.sign_in | ({"code": code} if code is not None else {}))
