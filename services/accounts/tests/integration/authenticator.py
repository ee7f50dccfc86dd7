"""A browser with a device that keeps passkeys, played at the wire: WebAuthn level 3 from the other side."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256

from .conftest import PASSWORD, House

ORIGIN = "https://shop.example"
UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
Answer = tuple[int, dict[str, Any]]
Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Key:
    """A passkey on the device."""

    id: bytes
    private: Private
    party: str
    user: bytes
    count: int = 0

    def cose(self) -> bytes:
        """The public half as WebAuthn writes it (RFC 9053)."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: self.private.public_key().public_bytes_raw()})
        point = self.private.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(data)
        return self.private.sign(data, ec.ECDSA(SHA256()))


@dataclass
class Browser:
    """Asks its device; what it must not do, a test makes it do by naming it otherwise."""

    origin: str = ORIGIN
    flags: int = UP | UV
    counts: bool = True
    elliptic: bool = True
    keys: list[Key] = field(default_factory=list[Key])

    def create(self, options: dict[str, Any], party: str | None = None, **client: Any) -> dict[str, Any]:
        """What `navigator.credentials.create(options)` answers, as JSON."""
        private = ec.generate_private_key(ec.SECP256R1()) if self.elliptic else ed25519.Ed25519PrivateKey.generate()
        key = Key(secrets.token_bytes(32), private, party or options["rp"]["id"], decoded(options["user"]["id"]))
        self.keys.append(key)
        made = b"\0" * 16 + len(key.id).to_bytes(2, "big") + key.id + key.cose()
        data = self.data(key, AT) + made
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": self.client("webauthn.create", options["challenge"], **client),
            "attestationObject": encoded(attestation),
            "transports": ["internal"],
        }
        return self.answer(key, response)

    def get(self, options: dict[str, Any], key: Key | None = None, **client: Any) -> dict[str, Any]:
        """What `navigator.credentials.get(options)` answers, as JSON."""
        key = key or self.keys[-1]
        data = self.data(key)
        client_data = self.client("webauthn.get", options["challenge"], **client)
        response = {
            "clientDataJSON": client_data,
            "authenticatorData": encoded(data),
            "signature": encoded(key.sign(data + hashlib.sha256(decoded(client_data)).digest())),
            "userHandle": encoded(key.user),
        }
        return self.answer(key, response)

    def data(self, key: Key, flags: int = 0) -> bytes:
        key.count += self.counts
        return hashlib.sha256(key.party.encode()).digest() + bytes([self.flags | flags]) + key.count.to_bytes(4, "big")

    def client(self, kind: str, asked: str, **changes: Any) -> str:
        words = {"type": kind, "challenge": asked, "origin": self.origin, "crossOrigin": False, **changes}
        return encoded(json.dumps(words).encode())

    def answer(self, key: Key, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": encoded(key.id),
            "rawId": encoded(key.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }


async def creation(house: House, token: str, **more: str) -> dict[str, Any]:
    status, answer = await house.ask("POST", "/me/passkeys/options", {"password": PASSWORD, **more}, token)
    assert status == 200, answer
    return answer["public_key"]


async def keep(house: House, token: str, credential: dict[str, Any], name: str = "Erikas Telefon") -> Answer:
    body = {"name": name, "credential": credential}
    return await house.ask("POST", "/me/passkeys", body, token, **{"Idempotency-Key": str(uuid4())})


async def registered(house: House, token: str, **browser: Any) -> tuple[Browser, str]:
    """A browser with a passkey, and the passkey's id."""
    made = Browser(**browser)
    status, passkey = await keep(house, token, made.create(await creation(house, token)))
    assert status == 201, passkey
    return made, passkey["passkey"]


async def request(house: House, tenant: str) -> dict[str, Any]:
    status, answer = await house.ask("POST", "/sign-in/passkey/options", {"tenant": tenant})
    assert status == 200, answer
    return answer["public_key"]


async def enter(house: House, tenant: str, credential: dict[str, Any]) -> Answer:
    return await house.ask("POST", "/sign-in/passkey", {"tenant": tenant, "credential": credential})
