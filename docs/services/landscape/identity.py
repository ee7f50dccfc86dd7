"""What a landscape without `accounts` has at ACCOUNTS_URL: keys that verify tokens, tokens of services, subject keys.

It knows nothing of Kontor's code, and keeps its keys in memory, for trying a service alone: `python identity.py PORT`.
`GET /try/person`, `/try/staff/ROLE` and `/try/key` answer with lines for the shell: a token, as somebody who signs in
would get it, or a key.
"""

import base64
import json
import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
SIGNING_KEY = Ed25519PrivateKey.generate()
PRIVATE: dict[str, X25519PrivateKey] = {}
TENANT = "kontor"
# the services for which its tokens are: in this landscape there is one of them, whichever it is
AUDIENCE = ["catalog", "orders", "payments", "delivery", "licensing", "letters", "mail-relay", "rewards", "partners"]


def base64url(raw: bytes) -> str:
    """Encode as JSON Web Tokens do."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(subject: str, roles: list[str], tenant: str = TENANT, **claims: Any) -> str:
    """Sign a token that is valid for an hour (RFC 7519, Ed25519)."""
    now = int(time.time())
    times = {"iat": now, "nbf": now, "exp": now + 3600}
    whole = {"iss": "kontor", "aud": AUDIENCE, "sub": subject, "tenant": tenant, "roles": roles} | times | claims
    parts = ({"alg": "Ed25519", "kid": "landscape", "typ": "at+jwt"}, whole)
    text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    return f"{text}.{base64url(SIGNING_KEY.sign(text.encode()))}"


def new_key() -> dict[str, str]:
    """Make a subject key, whose private half stays here."""
    key = str(uuid.uuid4())
    PRIVATE[key] = X25519PrivateKey.generate()
    return {"key": key, "public": base64.urlsafe_b64encode(PRIVATE[key].public_key().public_bytes_raw()).decode()}


def seal(text: str, to: dict[str, str], kind: str) -> dict[str, str]:
    """Seal a text to a subject key (HPKE, RFC 9180), bound to the key and to what it is."""
    info = b"kontor sealed 1\0" + uuid.UUID(to["key"]).bytes + kind.encode()
    box = SUITE.encrypt(text.encode(), PRIVATE[to["key"]].public_key(), info=info)
    return {"key": to["key"], "kind": kind, "box": base64.urlsafe_b64encode(box).decode()}


def person(name: str = "Erika Musterfrau", email: str = "erika@example.org") -> dict[str, Any]:
    """Make somebody who buys: an id, two keys, and name and e-mail address sealed to each."""
    keys = {"profile": new_key(), "contact": new_key()}
    texts = {"name": name, "email": email}
    boxes = {f"{kind}_{use}": seal(text, key, kind) for use, key in keys.items() for kind, text in texts.items()}
    return {"customer": str(uuid.uuid4()), "keys": keys} | boxes


class Handler(BaseHTTPRequestHandler):
    """Answers the three requests that services make, and the two for trying."""

    def do_GET(self) -> None:
        """Answer with the published key, or with somebody new."""
        if self.path == "/.well-known/jwks.json":
            public = base64url(SIGNING_KEY.public_key().public_bytes_raw())
            key = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "Ed25519", "kid": "landscape", "x": public}
            self.answer(json.dumps({"keys": [key]}))
        elif self.path == "/try/person":
            one = person()
            claims = {name: value for name, value in one.items() if name != "customer"} | {"language": "de"}
            mine = token(one["customer"], ["customer"], **claims)
            self.answer(f"TOKEN={mine} CUSTOMER={one['customer']}\nexport PERSON='{json.dumps(one)}'\n")
        elif self.path == "/try/key":
            self.answer(f"KEY='{json.dumps(new_key())}'\n")
        elif self.path.startswith("/try/staff/"):
            self.answer(f"STAFF={token(str(uuid.uuid4()), [self.path.rpartition('/')[2]])}\n")
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        """Answer with a service's token, or with private halves of keys; who asks is not checked here."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/service-token":
            mine = token(body["service"], ["service"], tenant="")
            self.answer(json.dumps({"access_token": mine, "expires_in": 3600}))
        elif self.path == "/subject-keys":
            halves = {key: PRIVATE[key].private_bytes_raw() for key in body["keys"] if key in PRIVATE}
            known = [{"key": key, "private": base64.urlsafe_b64encode(half).decode()} for key, half in halves.items()]
            self.answer(json.dumps({"keys": known}))
        else:
            self.send_error(404)

    def answer(self, text: str) -> None:
        """Send a text."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json" if text.startswith("{") else "text/plain")
        self.end_headers()
        self.wfile.write(text.encode())


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
