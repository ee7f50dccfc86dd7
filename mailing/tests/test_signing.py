"""What we sign, and what others make of it."""

import re
from typing import Any, cast

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from doubles.nameserver import NameServer
from mailing.authentication import Verdict, authenticate
from mailing.resolver import Resolver
from mailing.signing import OVERSIGNED, Signer, UnusableKey, dns_records, new_key, public_record, read_key

MAIL = (
    b"From: Shop <a1@relay.example>\r\nTo: buyer@example.org\r\nSubject: Your question\r\n"
    b"Date: Sun, 29 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@relay.example>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nAuto-Submitted: no\r\n\r\n"
    b"Yes,  it does. \r\n\r\nThe shop\t\r\n\r\n\r\n"
)
RSA = Signer("relay.example", "r1", read_key(new_key("rsa")))
ED = Signer("relay.example", "e1", read_key(new_key("ed25519")))


async def verdicts(raw: bytes, names: NameServer, resolver: Resolver) -> list[Verdict]:
    for signer in (RSA, ED):
        names.text(f"{signer.selector}._domainkey.{signer.domain}", public_record(signer.key))
    return [each.verdict for each in (await authenticate(raw, "192.0.2.1", "mx", "", resolver)).signatures]


async def test_MAIL_13_a_mail_is_signed_by_both_kinds_of_keys(names: NameServer, resolver: Resolver):
    signed = RSA.sign(ED.sign(MAIL))
    assert signed.endswith(MAIL)
    assert await verdicts(signed, names, resolver) == [Verdict.PASS, Verdict.PASS]
    records = {f"{each.selector}._domainkey.relay.example.": public_record(each.key) for each in (RSA, ED)}
    # by dkimpy alone as well, with its own arithmetic
    alone = cast("Any", dkim).DKIM(signed)

    def record(name: bytes, timeout: int) -> bytes:
        return records[name.decode()].encode()

    assert [alone.verify(number, dnsfunc=record) for number in (0, 1)] == [True, True]


@pytest.mark.parametrize("signer", [RSA, ED], ids=["rsa", "ed25519"])
@pytest.mark.parametrize("name", OVERSIGNED)
async def test_F_M21_no_field_can_be_added_that_counts(
    name: str, signer: Signer, names: NameServer, resolver: Resolver
):
    signed = signer.sign(MAIL)
    assert b" l=" not in signed
    for added in (
        f"{name}: another\r\n".encode() + signed,
        signed.replace(b"\r\n\r\n", f"\r\n{name}: x\r\n\r\n".encode(), 1),
    ):
        assert Verdict.PASS not in await verdicts(added, names, resolver)
    tags = re.sub(rb"\s", b"", signed[: signed.index(b"From: Shop")]).lower()
    assert re.search(rb"[;:=]" + name.encode() + rb"[;:]", tags)


@pytest.mark.parametrize("signer", [RSA, ED], ids=["rsa", "ed25519"])
async def test_F_M21_nothing_can_be_appended_or_changed(signer: Signer, names: NameServer, resolver: Resolver):
    signed = signer.sign(MAIL)
    for changed in (
        signed + b"more\r\n",
        signed.replace(b"Yes", b"No"),
        signed.replace(b"question", b"answer"),
        signed.replace(b"Auto-Submitted: no\r\n", b""),
    ):
        assert await verdicts(changed, names, resolver) == [Verdict.FAIL]
    for kept in (
        signed + b"\r\n",
        signed.replace(b"Yes,  it", b"Yes,\tit"),
        signed.replace(b"Subject: Your question", b"subject:  Your\r\n question"),
    ):
        assert await verdicts(kept, names, resolver) == [Verdict.PASS]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b" \r\n",
        b"a",
        b"a\r\n \r\n\r\n",
        b"." * 998 + b"\r\n",
        "ü\r\n".encode(),
        b"a \tb \r\n\r\n" * 60_000,
    ],
)
async def test_any_body_can_be_signed(body: bytes, names: NameServer, resolver: Resolver):
    signed = RSA.sign(MAIL[: MAIL.index(b"\r\n\r\n") + 4] + body)
    assert await verdicts(signed, names, resolver) == [Verdict.PASS]


def test_keys_are_new_and_no_others_than_mail_is_signed_by():
    assert new_key("rsa") != new_key("rsa")
    weak = generate_rsa(65537, 1024)  # noqa: S505 -- it is to be refused
    unusable = [
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        for key in (weak, generate_private_key(SECP256R1()))
    ]
    for pem in (*unusable, b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(UnusableKey):
            read_key(pem)
    assert "PRIVATE" not in repr(RSA)
    assert "key" not in repr(RSA)


async def test_MAIL_13_what_is_to_stand_in_DNS_proves_what_we_send(names: NameServer, resolver: Resolver):
    for record in dns_records("relay.example", [RSA, ED], "mx.relay.example", "postmaster@shop.example"):
        assert all(len(piece) <= 255 for piece in re.findall(r'"([^"]*)"', record.value))
        names.zone.setdefault(record.name, {}).setdefault(record.kind, []).append(record.value)
    names.zone["mx.relay.example"] = {"A": ["192.0.2.7"]}
    found = await authenticate(RSA.sign(MAIL), "192.0.2.7", "mx", "bounce-1@relay.example", resolver)
    assert (found.spf.verdict, found.dmarc.verdict) == (Verdict.PASS, Verdict.PASS)
    assert found.dmarc.dkim_aligned
    assert found.dmarc.spf_aligned
    forged = await authenticate(MAIL, "192.0.2.8", "mx", "bounce-1@relay.example", resolver)
    assert (forged.spf.verdict, forged.dmarc.verdict, forged.dmarc.disposition) == ("fail", "fail", "reject")
    spf = dns_records("relay.example", [], "mx.relay.example", "p@x.example", ["out.example", "include:_spf.example"])[
        1
    ]
    assert '"v=spf1 a:mx.relay.example a:out.example include:_spf.example -all"' in str(spf)
    assert str(dns_records("relay.example", [], "mx.relay.example", "p@x.example")[0]) == (
        "relay.example. IN MX 10 mx.relay.example."
    )
