"""Servers between a writer and the door that change what they pass on: who is trusted is believed by its seal (ARC)."""

from typing import Any, cast

import dkim
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mailing.signing import new_key, public_record, read_key

from .conftest import Relay
from .people import SIGNERS, Conversation

FORWARDER = "forwarder.example"


async def test_MAIL_13_F_M20_what_a_trusted_forwarder_has_sealed_is_taken(relay: Relay, talk: Conversation):
    key = read_key(new_key("rsa"))
    for domain in (FORWARDER, "stranger.example"):
        relay.names.text(f"arc._domainkey.{domain}", public_record(key))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    written = talk.message(talk.buyer, talk.buyer_writes_to).as_bytes()
    changed = SIGNERS["buyer.example"].sign(written) + b"-- \r\nForwarded\r\n"

    def sealed(domain: str) -> bytes:
        raw = f"Authentication-Results: mx.{domain}; dmarc=pass header.from=buyer.example\r\n".encode() + changed
        chain = cast("Any", dkim).arc_sign(raw, b"arc", domain.encode(), pem, f"mx.{domain}".encode())
        return b"".join(chain) + raw

    for raw, code in ((changed, 550), (sealed("stranger.example"), 550), (sealed(FORWARDER), 250)):
        assert (await talk.send(raw, talk.buyer, talk.buyer_writes_to, signed=False))[0] == code
    passed_on = await relay.next_server.one(talk.seller)
    # a seal would show whom it is from
    assert not [name for name in passed_on if name.lower().startswith(("arc-", "authentication-"))]
