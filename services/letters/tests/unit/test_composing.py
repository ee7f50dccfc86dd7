"""A letter on the wire: whatever its words are, its header is ours and its lines are short."""

import email.message
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
from letters.domain.brand import Brand
from letters.domain.email import Kind
from letters.domain.letter import Cancellation, Item, Letter, Notice, Tone
from letters.domain.notification import About, Notification
from letters.domain.order import Link
from letters.domain.sending import Sender

COMPOSER = Composer(Sender("shop@kontor.example"), "https://downloads.example", "Europe/Berlin")
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


BRAND = Brand(
    name="Nordlicht",
    color="#0f766e",
    host="shop.nordlicht.example",
    tagline={"de": "Programme für den Norden.", "en": "Programs for the north."},
    imprint={"de": "Nordlicht Systemhaus GmbH\nFörde 12, Kiel"},
    contact="service@nordlicht.example",
    mail_from="post@nordlicht.example",
)


def branded(changed: Letter, sender: Sender) -> tuple[email.message.Message, list[str]]:
    raw = Composer(sender, "https://downloads.example", "Europe/Berlin").message(
        changed, {"name": "Erika", "token": "t"}, "a@b.de"
    )
    read = email.message_from_bytes(raw)
    bodies = [part.get_payload(decode=True) for part in read.walk() if not part.is_multipart()]
    return read, [body.decode() for body in bodies if isinstance(body, bytes)]


def test_a_letter_is_written_under_the_brand_of_the_shop():  # PLT-2
    sold = replace(letter("x"), brand=BRAND, seller=Seller("Kontor GmbH", "Hamburg", "DE1"))
    read, parts = branded(sold, Sender("shop@kontor.example", frozenset({"nordlicht.example"})))
    assert read["From"] == '"Nordlicht" <post@nordlicht.example>'
    page = f"https://shop.nordlicht.example/orders/{sold.order_id}"
    for part in parts:
        for shown in (page, "Programme für den Norden.", "Förde 12, Kiel", "Kontor GmbH", "service@nordlicht.example"):
            assert shown in part
    assert "#0f766e" in parts[1]
    assert all("1d4ed8" not in part for part in parts)


@pytest.mark.parametrize("tone", list(Tone))
def test_each_letter_leads_to_the_order_once(tone: Tone):
    notice = Notice(21900, "EUR", AT, "goodwill", (("x", 1),)) if tone is Tone.REFUND else None
    cancellation = Cancellation("customer", (("x", 1),)) if tone is Tone.CANCELLATION else None
    sold = replace(letter("x"), brand=BRAND, tone=tone, notice=notice, cancellation=cancellation)
    _, parts = branded(sold, Sender("shop@kontor.example"))
    for part in parts:
        assert part.count(f"https://shop.nordlicht.example/orders/{sold.order_id}") == 1


def test_an_imprint_that_is_the_sellers_own_is_written_once():
    sold = replace(letter("x"), brand=BRAND, seller=Seller("Nordlicht Systemhaus GmbH", "Förde 12, 24103 Kiel", "DE1"))
    _, parts = branded(sold, Sender("shop@kontor.example"))
    assert parts[0].count("Nordlicht Systemhaus GmbH") == 1
    assert "Förde 12, Kiel" not in parts[0]


@pytest.mark.parametrize("domains", [set[str](), {"kontor.example"}, {"example"}, {"light.nordlicht.example"}])
def test_a_brand_writes_from_its_own_address_only_where_we_may_send_for_its_domain(domains: set[str]):
    read, _ = branded(replace(letter("x"), brand=BRAND), Sender("shop@kontor.example", frozenset(domains)))
    assert read["From"] == '"Nordlicht" <shop@kontor.example>'


@pytest.mark.parametrize("part", [0, 1], ids=["text", "html"])
def test_where_each_link_leads_stands_in_both_parts(part: int):
    _, parts = branded(replace(letter("x"), brand=BRAND), Sender("shop@kontor.example"))
    for link in re.findall(r'href="([^"]+)"', parts[1]):
        assert link in parts[part]


@settings(max_examples=50, deadline=None)
@given(TEXT)
def test_a_brands_words_lead_nowhere_else(text: str):
    brand = replace(BRAND, name=text or "x", tagline={"de": text}, imprint={"de": text}, contact=text)
    read, parts = branded(replace(letter("x"), brand=brand), Sender("shop@kontor.example"))
    assert read.keys() == OURS
    assert "<script" not in parts[1]


def test_a_notification_is_under_the_brand_of_the_tenants_only_shop():  # PLT-2
    new = Notification(
        tenant="nordlicht",
        id=UUID(int=1),
        about=About.RESET,
        subject=UUID(int=2),
        language="de",
        name_box="name",
        email_box="email",
        message_id="<1@kontor.example>",
        written_at=AT,
        send_at=AT,
        secret_box="secret",
        facts={"shop": "Nordlicht Systemhaus"},
        brand=BRAND,
    )
    opened = {"name": "Erika", "secret": "ABCD-1234"}
    sender = Sender("shop@kontor.example", frozenset({"nordlicht.example"}))
    raw = Composer(sender, "https://downloads.example", "Europe/Berlin").notification(new, opened, "a@b.de")
    read = email.message_from_bytes(raw)
    assert read["From"] == '"Nordlicht" <post@nordlicht.example>'
    assert read["Subject"] == "Ein neues Passwort bei Nordlicht"
    plain, html_part = [part.get_payload(decode=True) for part in read.walk() if not part.is_multipart()]
    assert isinstance(plain, bytes)
    assert isinstance(html_part, bytes)
    assert "bei Nordlicht ein neues" in plain.decode().replace("\r\n", " ").replace("\n", " ")
    assert b"#0f766e" in html_part
