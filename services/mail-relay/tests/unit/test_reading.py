"""What a reviewer reads of a message is what its writer wrote, whatever program wrote it (MAIL-7)."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from mail_relay.domain.reading import LONGEST_TEXT, Attachment, read


def test_MAIL_7_a_text_its_page_and_its_files():
    message = EmailMessage(policy=SMTP)
    message["Subject"] = "Lizenz für „Ürümqi“ läuft nicht"
    message.set_content("Guten Tag,\nes startet nicht.\n\nViele Grüße")
    message.add_alternative("<p>Guten Tag,<br>es startet nicht.</p>", subtype="html")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="Übersicht.pdf")
    shown = read(message.as_bytes())
    assert shown.subject == "Lizenz für „Ürümqi“ läuft nicht"
    assert shown.text == "Guten Tag,\nes startet nicht.\n\nViele Grüße"
    assert shown.attachments == (Attachment("Übersicht.pdf", "application/pdf", 8),)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Content-Type: text/html\r\n\r\n<p>Erste</p><p style='display:none'>x</p><div>Zweite &amp; dritte</div>",
         "Erste\n\nZweite & dritte"),
        (b"Content-Type: text/plain; charset=koi8-r\r\n\r\n\xf0\xf2\xe9\xf7\xe5\xf4", "ПРИВЕТ"),
        (b"Content-Type: text/plain; charset=x-nothing\r\n\r\nna\xefve", "naïve"),
        (b"Content-Type: multipart/mixed\r\n\r\nno boundary", "no boundary"),
        ("Content-Type: text/plain; charset=utf-8\r\n\r\nabc\u202efdp.exe\x00\x1b[31m".encode(), "abcfdp.exe[31m"),
        (b"\r\n" + b"\xff\xfe" * 20, "ÿþ" * 20),
        (b"", ""),
    ],
)  # fmt: skip
def test_texts_of_every_kind(raw: bytes, text: str):
    assert read(raw).text == text


def test_a_page_with_pictures_beside_its_text_is_not_read_twice():
    raw = (
        b'Content-Type: multipart/alternative; boundary="a"\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\nHallo\r\n'
        b'--a\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: text/html\r\n\r\n<p>Hallo\r\n"
        b"--b\r\nContent-Type: image/png; name=bild.png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"
        b"--b--\r\n--a--\r\n"
    )
    shown = read(raw)
    assert (shown.text, shown.attachments) == ("Hallo", (Attachment("bild.png", "image/png", 3),))


def test_what_cannot_be_taken_apart_is_shown_as_it_is_and_what_is_long_is_cut():
    bomb = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(40))
    assert read(bomb).unread
    long = read(b"\r\n" + b"x" * (LONGEST_TEXT + 1))
    assert (long.cut, len(long.text)) == (True, LONGEST_TEXT)
