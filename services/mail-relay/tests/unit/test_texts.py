"""Texts of others are made harmless."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_relay.domain.sending import next_try
from mail_relay.domain.texts import PLAIN_ADDRESS, greetable, one_line, scrubbed

NOW = datetime(2026, 11, 2, tzinfo=UTC)


@given(st.text())
def test_one_line_holds_nothing_that_controls(text: str):
    assert not [sign for sign in one_line(text) if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp")]


def test_a_name_that_leads_somewhere_is_no_greeting():
    assert greetable("Erika Musterfrau") == "Erika Musterfrau"
    assert greetable("Win at https://evil.example") == ""
    assert greetable("call me@evil.example") == ""


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_answer_keeps_an_address(before: str, after: str):
    address = "erika.m@example.org"
    kept = scrubbed(f"{before} <{address.upper()}> {after}", address)
    assert "erika.m" not in kept.lower()
    assert "erika.m" not in scrubbed(f"user erika.m unknown {before}", address).lower()


def test_no_answer_keeps_anybody_elses_address():
    assert scrubbed("ask <postmaster@example.net> or x@y.", "erika@example.org") == "ask <***> or ***"


@pytest.mark.parametrize(
    "address",
    ["", "a", "@b", "a@", "a b@c", "a@b\r\n", "a@b>\r\nRCPT TO:<c@d", '"a@b"@c', "<a@b>", "a@b,c@d", "a@@b", "a\x00@b"],
)
def test_what_is_no_plain_address_is_not_written_to(address: str):
    assert not PLAIN_ADDRESS.fullmatch(address)


def test_F_M26_pauses_double_and_end_after_two_days():
    pauses = [next_try(number, NOW, NOW) for number in range(1, 5)]
    assert pauses == [NOW + timedelta(seconds=15 * 2**number) for number in range(4)]
    assert next_try(99, NOW, NOW) == NOW + timedelta(hours=2)
    assert next_try(99, NOW, NOW + timedelta(days=2)) is None
