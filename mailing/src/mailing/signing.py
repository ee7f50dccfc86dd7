"""Signing what goes out (DKIM, RFC 6376 and 8463), new keys, and what a domain needs in DNS."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from mailing.dkim_message import DkimMessage

# signed once more than they stand there, so that none can be added (RFC 6376 5.4.2, 8.15)
OVERSIGNED = (
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "references",
    "in-reply-to",
    "sender",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
)
# signed as they stand there; servers on the way may add one of their own
SIGNED = ("auto-submitted", "list-unsubscribe", "list-unsubscribe-post", "list-id")
RSA_BITS = 2048
_TEXT_LENGTH = 255

Key = RSAPrivateKey | Ed25519PrivateKey


class UnusableKey(Exception):
    """A key is of a kind or a length that mail is not signed by."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for a domain; what others verify by is the record of its selector."""

    domain: str
    selector: str
    key: Key = field(repr=False)

    def sign(self, raw: bytes) -> bytes:
        """Return a message with a signature on top; its lines end in CRLF, and it has one From.

        The whole body is signed (no l=), blanks apart. It takes a fraction of a millisecond and about 5 ms a mebibyte.
        """
        rsa = isinstance(self.key, RSAPrivateKey)
        message = DkimMessage(raw, self.key if isinstance(self.key, RSAPrivateKey) else None)
        message.relax_body()
        there = [bytes(name).lower().decode("ascii") for name, _value in message.headers]
        names = [name for name in (*OVERSIGNED, *SIGNED) for _ in range(there.count(name) + (name in OVERSIGNED))]
        signature = message.sign(
            self.selector.encode("ascii"),
            self.domain.encode("ascii"),
            _as_dkimpy_has_it(self.key),
            signature_algorithm=b"rsa-sha256" if rsa else b"ed25519-sha256",
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=names,
        )
        return bytes(signature) + raw


def read_key(pem: bytes) -> Key:
    """Read a key; `UnusableKey` if no mail is signed by such (RFC 8301 3.2)."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise UnusableKey("no key without a password") from None
    if isinstance(key, Ed25519PrivateKey) or (isinstance(key, RSAPrivateKey) and RSA_BITS <= key.key_size <= 4096):
        return key
    raise UnusableKey("neither Ed25519 nor RSA of 2048 to 4096 bits")


def new_key(kind: Literal["rsa", "ed25519"]) -> bytes:
    """Make a key, as PEM (PKCS #8) without a password: it is to be kept like one."""
    key = generate_private_key(65537, RSA_BITS) if kind == "rsa" else Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """A record as a zone file has it; `str` is its line."""

    name: str
    kind: Literal["MX", "TXT"]
    value: str

    def __str__(self) -> str:
        return f"{self.name}. IN {self.kind} {self.value}"


def dns_records(domain: str, signers: Sequence[Signer], host: str, reports_to: str) -> tuple[DnsRecord, ...]:
    """Return what has to stand in DNS before mail of a domain goes out: MX, SPF, DKIM, DMARC.

    Only the host sends for the domain, and it takes the answers. Whoever sends otherwise is to be rejected.
    """
    return (
        DnsRecord(domain, "MX", f"10 {host}."),
        DnsRecord(domain, "TXT", _text(f"v=spf1 a:{host} -all")),
        *key_records(signers),
        DnsRecord(f"_dmarc.{domain}", "TXT", _text(f"v=DMARC1; p=reject; adkim=s; aspf=r; rua=mailto:{reports_to}")),
    )


def key_records(signers: Sequence[Signer]) -> tuple[DnsRecord, ...]:
    """Return the records by which others verify what is signed."""
    return tuple(
        DnsRecord(f"{each.selector}._domainkey.{each.domain}", "TXT", _text(public_record(each.key)))
        for each in signers
    )


def public_record(key: Key) -> str:
    """Return what a selector says of a key (RFC 6376 3.6.1, RFC 8463 4)."""
    public = key.public_key()
    if isinstance(key, RSAPrivateKey):
        kind, content = "rsa", public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        kind, content = "ed25519", public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"v=DKIM1; k={kind}; h=sha256; s=email; p={base64.b64encode(content).decode()}"


def _text(value: str) -> str:
    """Return a text in quotes, in strings that DNS takes (RFC 6376 3.6.2.2)."""
    return " ".join(f'"{value[at : at + _TEXT_LENGTH]}"' for at in range(0, len(value), _TEXT_LENGTH))


def _as_dkimpy_has_it(key: Key) -> bytes:
    if isinstance(key, RSAPrivateKey):
        return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return base64.b64encode(key.private_bytes_raw())
