"""Which message is the same one again, and which is another (F-M25)."""

import pytest
from mail_relay.domain.repetition import fingerprint

RAW = (
    b"From: a@buyer.example\r\nSubject: Frage\r\n folded\r\nDate: Sun, 29 Nov 2026 09:00:00 +0100\r\n"
    b"Message-ID: <1@buyer.example>\r\nContent-Type: text/plain\r\n\r\nText\r\n"
)


@pytest.mark.parametrize(
    "again",
    [
        RAW,
        b"Received: by mx.buyer.example; 9:05\r\n id 2\r\n" + RAW,
        b"DKIM-Signature: v=1; t=2;\r\n b=x\r\nAuthentication-Results: mx\r\n" + RAW,
    ],
)
def test_F_M25_what_servers_add_at_each_attempt_makes_no_other_message(again: bytes):
    assert fingerprint(again, "side") == fingerprint(RAW, "side") is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Text", b"Test"),
        (b"folded", b"again"),
        (b"<1@", b"<2@"),
        (b"09:00:00", b"09:00:01"),
        (b"text/plain", b"text/html"),
        (b"Text\r\n", b"Text\r\n\r\nMessage-ID: <1@buyer.example>\r\n"),
    ],
)
def test_F_M25_what_its_writer_says_otherwise_is_another_message(old: bytes, new: bytes):
    assert fingerprint(RAW.replace(old, new), "side") != fingerprint(RAW, "side")


def test_F_M25_each_recipient_is_one_and_without_an_id_each_message_is():
    assert fingerprint(RAW, "side") != fingerprint(RAW, "desk")
    assert fingerprint(RAW.replace(b"Message-ID: <1@buyer.example>\r\n", b""), "side") is None
