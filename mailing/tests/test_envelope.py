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
    address = OURS.bounce_address(ID, kind, NOW)
    assert len(address.partition("@")[0]) <= 64
    for spelling in (address, address.upper(), address.replace("@relay", "@Relay")):
        assert OURS.read(spelling, NOW + timedelta(days=30)) == Sent(ID, kind)


def test_F_M11_an_address_expires():
    address = OURS.bounce_address(ID, Kind.MESSAGE, NOW)
    assert OURS.read(address, NOW + timedelta(days=31)) is Refusal.EXPIRED
    brief = Envelopes("relay.example", OURS.keys, timedelta(days=1)).bounce_address(ID, Kind.MESSAGE, NOW)
    assert OURS.read(brief, NOW + timedelta(days=2)) is Refusal.EXPIRED


def test_F_M11_no_sign_of_an_address_can_be_changed():
    address = OURS.bounce_address(ID, Kind.MESSAGE, NOW)
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
        "bounce-" + "a" * 49 + "@relay.example",
        "bounce-" + "!" * 48 + "@relay.example",
        "bounce-" + "ü" * 48 + "@relay.example",
        "bounce-" + "a" * 48,
        OURS.bounce_address(ID, Kind.LETTER, NOW).replace("relay", "other"),
        OURS.bounce_address(ID, Kind.LETTER, NOW).replace("bounce-", "bounce"),
    ],
)
def test_F_M11_what_is_none_of_ours_is_told_apart(address: str):
    assert OURS.read(address, NOW) is Refusal.FOREIGN


def test_F_M11_an_address_is_of_one_domain_and_of_our_keys():
    address = OURS.bounce_address(ID, Kind.LETTER, NOW)
    assert Envelopes("relay.example", [b"n" * 32]).read(address, NOW) is Refusal.FORGED
    assert Envelopes("other.example", OURS.keys).read(address.replace("relay", "other"), NOW) is Refusal.FORGED
    # keys are rotated: the first signs, those of former times are still read
    rotated = Envelopes("relay.example", [b"n" * 32, *OURS.keys])
    assert rotated.read(address, NOW) == Sent(ID, Kind.LETTER)
    assert OURS.read(rotated.bounce_address(ID, Kind.LETTER, NOW), NOW) is Refusal.FORGED
    assert "kkk" not in repr(OURS)
