"""Envelope senders that say which mail came back."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from mailing.envelope import Envelopes, Kind, Refusal, Sent

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ID = UUID("0195f0c0-0000-7000-8000-000000000001")
OURS = Envelopes("relay.example", [b"k" * 32])


@pytest.mark.parametrize("kind", Kind)
def test_F_M11_an_address_says_what_was_sent(kind: Kind):
    address = OURS.bounce_address("kontor", ID, kind, NOW)
    assert len(address.partition("@")[0]) <= 64
    for spelling in (address, address.upper(), address.replace("@relay", "@Relay")):
        sent = OURS.read(spelling, NOW + timedelta(days=30))
        assert isinstance(sent, Sent)
        assert (sent.id, sent.kind) == (ID, kind)
        assert sent.is_of("kontor")
        assert not sent.is_of("lumen")


def test_F_M11_an_address_expires():
    address = OURS.bounce_address("kontor", ID, Kind.MESSAGE, NOW)
    assert OURS.read(address, NOW + timedelta(days=31)) is Refusal.EXPIRED
    brief = Envelopes("relay.example", OURS.keys, timedelta(days=1)).bounce_address("kontor", ID, Kind.MESSAGE, NOW)
    assert OURS.read(brief, NOW + timedelta(days=2)) is Refusal.EXPIRED


def test_F_M11_no_sign_of_an_address_can_be_changed():
    address = OURS.bounce_address("kontor", ID, Kind.MESSAGE, NOW)
    start = len("bounce-")
    for at in range(start, address.index("@")):
        for sign in "a7":
            changed = address[:at] + sign + address[at + 1 :]
            assert changed == address or OURS.read(changed, NOW) is Refusal.FORGED, at


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bounce-@relay.example",
        "bounce-a@relay.example",
        "anna@relay.example",
        "bounce-" + "a" * 57 + "@relay.example",
        "bounce-" + "!" * 56 + "@relay.example",
        "bounce-" + "ü" * 56 + "@relay.example",
        "bounce-" + "a" * 56,
        OURS.bounce_address("kontor", ID, Kind.LETTER, NOW).replace("relay", "other"),
        OURS.bounce_address("kontor", ID, Kind.LETTER, NOW).replace("bounce-", "bounce"),
    ],
)
def test_F_M11_what_is_none_of_ours_is_told_apart(address: str):
    assert OURS.read(address, NOW) is Refusal.FOREIGN


def test_F_M11_an_address_is_of_one_domain_and_of_our_keys():
    address = OURS.bounce_address("kontor", ID, Kind.LETTER, NOW)
    assert Envelopes("relay.example", [b"n" * 32]).read(address, NOW) is Refusal.FORGED
    assert Envelopes("other.example", OURS.keys).read(address.replace("relay", "other"), NOW) is Refusal.FORGED
    # keys are rotated: the first signs, those of former times are still read
    rotated = Envelopes("relay.example", [b"n" * 32, *OURS.keys])
    assert isinstance(rotated.read(address, NOW), Sent)
    assert OURS.read(rotated.bounce_address("kontor", ID, Kind.LETTER, NOW), NOW) is Refusal.FORGED
    assert "kkk" not in repr(OURS)
