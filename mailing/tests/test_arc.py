"""Chains of servers that changed a message (RFC 8617), made by dkimpy: they count where all who sealed are trusted."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from doubles.nameserver import NameServer
from mailing.authentication import Authentication, Verdict, authenticate
from mailing.resolver import Resolver
from mailing.signing import new_key, public_record, read_key

from .test_authentication import PEER, RECORD, mail, signed

LIST, GATE = "list.example", "gate.example"


@cache
def key() -> RSAPrivateKey:
    return cast("RSAPrivateKey", read_key(new_key("rsa")))


def sealed(raw: bytes, domain: str = LIST, results: str = "dmarc=pass header.from=shop.example") -> bytes:
    """A message as a server hands it on that has judged it, and seals what it found."""
    raw = f"Authentication-Results: mx.{domain}; {results}\r\n".encode() + raw
    pem = key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    chain = cast("Any", dkim).arc_sign(raw, b"arc", domain.encode(), pem, f"mx.{domain}".encode())
    return b"".join(chain) + raw


def changed(raw: bytes) -> bytes:
    """A message as a list hands it on, with a line of its own: the author's signature is broken."""
    return raw + b"-- \r\nThe list\r\n"


def twice() -> bytes:
    found = changed(sealed(changed(signed(mail()))))
    return sealed(found, GATE, "dmarc=fail header.from=shop.example; arc=pass")


@pytest.fixture
def zone(names: NameServer) -> NameServer:
    names.text("s._domainkey.shop.example", RECORD)
    names.text("_dmarc.shop.example", "v=DMARC1; p=reject")
    for domain in (LIST, GATE):
        names.text(f"arc._domainkey.{domain}", public_record(key()))
    return names


async def judged(raw: bytes, resolver: Resolver, *sealers: str) -> Authentication:
    return await authenticate(raw, PEER, "mx.list.example", "bounce@list.example", resolver, sealers)


async def test_MAIL_13_F_M20_a_chain_proves_an_author_where_its_sealers_are_trusted(
    zone: NameServer, resolver: Resolver
):
    once = sealed(changed(signed(mail())))
    for raw, sealers, proves in (
        (once, (LIST,), True),
        (once, (), False),
        (once, (GATE,), False),
        (changed(signed(mail())), (LIST,), False),
        (twice(), (LIST, GATE), True),
        # who sealed last may have changed everything
        (twice(), (LIST,), False),
        (twice(), (GATE,), False),
        # what the first server found is what counts
        (sealed(mail(), results="dmarc=fail header.from=shop.example"), (LIST,), False),
        (sealed(mail(), results="dmarc=pass header.from=evil.example"), (LIST,), False),
        (sealed(mail(), results="spf=pass smtp.mailfrom=shop.example (dmarc=pass)"), (LIST,), False),
        (sealed(mail("a@bank.example")), (LIST,), False),
    ):
        found = await judged(raw, resolver, *sealers)
        assert (found.proves_author, found.by_arc) == (proves, proves), (raw, sealers)


HARMS: list[Callable[[bytes], bytes]] = [
    lambda raw: raw.replace(b"Hello", b"Other"),
    lambda raw: raw.replace(b"Question", b"Other"),
    lambda raw: b"Subject: Other\r\n" + raw,
    lambda raw: raw.replace(b"dmarc=pass", b"dmarc=none"),
    lambda raw: raw.replace(b"i=1; cv=none", b"i=1; cv=pass"),
    lambda raw: raw.replace(b"i=1; a=rsa-sha256; c=relaxed", b"i=1; a=rsa-sha256; l=1; c=relaxed"),
    lambda raw: re.sub(rb"(?s)\AARC-Seal:.*?\r\n(?=ARC-)", b"", raw),
    lambda raw: b"ARC-Seal: i=2; a=rsa-sha256; cv=pass; d=list.example; s=arc; b=AA\r\n" + raw,
    lambda raw: b"ARC-Seal: i=1\r\n" * 31 + raw,
    lambda raw: b"ARC-Seal: i=" + b" " * 100_000 + b"\r\n" + raw,
    lambda raw: raw.replace(b"rsa-sha256", b"rsa-sha1"),
    lambda raw: raw.replace(b"s=arc", b"s=gone"),
]


@pytest.mark.parametrize("harm", HARMS, ids=[f"harm {number}" for number in range(len(HARMS))])
async def test_F_M20_a_chain_that_is_broken_proves_nothing(
    harm: Callable[[bytes], bytes], zone: NameServer, resolver: Resolver
):
    raw = sealed(changed(signed(mail())))
    assert harm(raw) != raw
    found = await judged(harm(raw), resolver, LIST)
    assert (found.proves_author, found.unanswered) == (False, False)


async def test_F_M20_a_name_server_that_is_silent_about_a_chain_is_a_refusal_for_now(zone: NameServer):
    resolver = Resolver(["127.0.0.1"], zone.port, timeout_seconds=0.2)
    zone.down.add(f"arc._domainkey.{LIST}")
    found = await judged(sealed(changed(signed(mail()))), resolver, LIST)
    assert (found.arc, found.proves_author, found.unanswered) == (Verdict.TEMPERROR, False, True)
