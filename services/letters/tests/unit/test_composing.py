"""A letter on the wire: whatever its words are, its header is ours and its lines are short."""

import email
import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from uuid import UUID

import pytest
from chassis_testing.names import NAMES
from hypothesis import given, settings
from hypothesis import strategies as st
from letters.clients.composing import Composer
from letters.domain.agreement import Seller
from letters.domain.email import Kind
from letters.domain.letter import Item, Letter, Tone
from letters.domain.order import Link

COMPOSER = Composer("shop@kontor.example", "https://downloads.example", "Europe/Berlin")
AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
OURS = [
    "Content-Type",
    "MIME-Version",
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    ["=?utf-8?q?hi=0D=0ABcc=3A_x=40y?=", "a\r\nBcc: x@y", "\x00", '"><script>', "\\", '"']
)


def letter(text: str, language: str = "de") -> Letter:
    link = Link(b"1", UUID(int=1), UUID(int=2), frozenset(), 1, "token", AT, 5, (text,))
    return Letter(
        tenant="kontor",
        order_id=UUID(int=3),
        id=UUID(int=4),
        kind=Kind.DELIVERY,
        tone=Tone.DELIVERY,
        message_id=f"<{UUID(int=4)}@kontor.example>",
        written_at=AT,
        traceparent=None,
        name_box="name",
        email_box="email",
        language=language,
        seller=Seller(text, text, text, None),
        order_number=text,
        ordered_at=AT,
        acknowledges=True,
        paid=True,
        currency="EUR",
        net=18403,
        gross=21900,
        items=(Item(text, 1, 21900, 21900, 3497, 1900, (link,)),),
        consents=(),
        withdrawal_notice=text,
    )


# PITFALLS 39
@settings(max_examples=150, deadline=None)
@given(TEXT, TEXT)
def test_no_words_become_headers(text: str, name: str):
    raw = COMPOSER.message(letter(text), {"name": name, "token": "a/b?c"}, "erika@example.org")
    assert all(len(row) <= 200 for row in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\x00" not in raw
    read = email.message_from_bytes(raw)
    assert read.keys() == OURS
    assert read["To"] == "erika@example.org"
    assert str(read["From"]).endswith(" <shop@kontor.example>")
    for value in read.values():
        assert "\n" not in value.replace("\n ", " ")
    parts = [part for part in read.walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    for part in parts:
        body = part.get_payload(decode=True)
        assert isinstance(body, bytes)
        assert b"https://downloads.example/d/a%2Fb%3Fc" in body
        assert part.get_content_subtype() != "html" or b"<script" not in body


@pytest.mark.parametrize("script", NAMES)
def test_names_arrive_as_they_are_spelt(script: str):
    person, _, product, _ = NAMES[script]
    raw = COMPOSER.message(letter(product), {"name": person, "token": "t"}, "erika@example.org")
    for part in email.message_from_bytes(raw).walk():
        body = part.get_payload(decode=True)
        if isinstance(body, bytes):
            read = re.sub("[ \r\n]+", " ", html.unescape(body.decode()))
            assert person in read
            assert product in read


def test_the_same_letter_is_the_same_bytes():
    opened = {"name": "Erika", "token": "t"}
    assert COMPOSER.message(letter("x"), opened, "a@b.de") == COMPOSER.message(letter("x"), opened, "a@b.de")


def test_umlauts_in_the_subject_are_read_as_written():
    raw = COMPOSER.message(letter("Käufer " * 12), {"name": "Erika", "token": "t"}, "a@b.de")
    subject = str(make_header(decode_header(email.message_from_bytes(raw)["Subject"])))
    assert subject.startswith("Ihre Bestellung Käufer Käufer")
    assert "=?" not in subject


def test_a_language_we_do_not_write_is_answered_in_english():
    raw = COMPOSER.message(letter("x", "fr"), {"name": "Erika", "token": "t"}, "a@b.de")
    assert b"Subject: Your order x" in raw


def test_an_extension_is_written_in_both_languages():  # DEL-4
    for language, words in {"de": "Der Link bleibt derselbe.", "en": "The link stays the same."}.items():
        extension = replace(letter("x", language), tone=Tone.EXTENSION)
        assert words in COMPOSER.masked(extension, {"name": "Erika", "token": "t"}, "a@b.de")


def test_the_kept_copy_shows_neither_links_nor_keys():
    copy = COMPOSER.masked(letter("x"), {"name": "Erika", "token": "secret-token"}, "a@b.de")
    assert "secret-token" not in copy
    assert "Guten Tag Erika" in copy
