"""What of a message is quoted, and under which names and conditions its files are handed out (MAIL-7)."""

from time import process_time

import pytest
from mail_relay.domain.alias import Side
from mail_relay.domain.message import State
from mail_relay.domain.reading import Attachment, files, read
from mail_relay.domain.thread import MOST_OPENED, Passage, fitting, may_fetch, passages, safe_name
from mail_relay.web.threads import disposition


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("\n \n", []),
        ("Ja.\n\nGruß\nEva", [Passage("Ja.\n\nGruß\nEva", quoted=False)]),
        (
            "Ja.\n\nAm 3.5.2026 um 10:03 schrieb Max:\n> Geht es?\n\nGruß",
            [
                Passage("Ja.", quoted=False),
                Passage("Am 3.5.2026 um 10:03 schrieb Max:\n> Geht es?", quoted=True),
                Passage("Gruß", quoted=False),
            ],
        ),
        (
            "Ja.\n-----Original Message-----\nFrom: x\n\nGeht es?",
            [Passage("Ja.", quoted=False), Passage("-----Original Message-----\nFrom: x\n\nGeht es?", quoted=True)],
        ),
        ("> nur\n> Zitat", [Passage("> nur\n> Zitat", quoted=True)]),
    ],
)
def test_quotes_are_told_apart_from_what_somebody_wrote(text: str, found: list[Passage]):
    assert passages(text) == found


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Rechnung 7.pdf", "Rechnung 7.pdf"),
        ("../../etc/passwd", "etc_passwd"),
        ("..\\..\\start.bat", "start.bat"),
        ("/abs/olut.txt", "abs_olut.txt"),
        ("abc\u202efdp.exe", "abcfdp.exe"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
        (".htaccess", "htaccess"),
        ("con.txt", "_con.txt"),
        ("LPT1", "_LPT1"),
        ("x" * 300 + ".pdf", "x" * 90 + ".pdf"),
        ("   ", "file"),
        ("...", "file"),
        ('<img src=x onerror="1">.png', "img src=x onerror=_1_.png"),
    ],
)
def test_a_name_leads_nowhere_else(name: str, safe: str):
    assert safe_name(name) == safe
    header = disposition(safe)
    assert header.isascii()
    assert not set("\r\n/\\") & set(header)
    assert header.count('"') == 2


@pytest.mark.parametrize("state", list(State))
def test_files_of_what_was_held_back_are_not_handed_out(state: State):
    stopped = state in {State.HELD, State.BLOCKED, State.ERASED}
    assert may_fetch(Side.BUYER, state) is not stopped
    assert may_fetch(Side.SELLER, state) is (state in {State.RELAYED, State.DELIVERED})


def test_the_files_are_those_that_are_named():
    raw = (
        b'Content-Type: multipart/mixed; boundary="a"\r\n\r\n--a\r\n\r\nHallo\r\n'
        b"--a\r\nContent-Type: text/html; name=seite.html\r\n\r\n<script>1</script>\r\n"
        b"--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: innen\r\n\r\nText\r\n"
        b"--a\r\nContent-Type: image/png; name=torn.png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAA"
    )
    found = list(files(raw))
    assert tuple(one for one, _ in found) == read(raw).attachments
    assert found[0] == (Attachment("seite.html", "text/html", 18), b"<script>1</script>")
    assert read(raw).text == "Hallo"


@pytest.mark.parametrize(
    "hostile",
    [
        b"<div>" * 200_000 + b"tief",
        b"<blockquote>" * 80_000 + b"tief",
        b"<a href='x'" * 90_000,
        b"<p>a</p>" * 120_000,
        b"&lt;script&gt;" * 70_000,
        b"> " * 500_000,
    ],
)
def test_a_megabyte_of_nested_markup_is_read_in_time(hostile: bytes):
    began = process_time()
    shown = read(b"Content-Type: text/html\r\n\r\n" + hostile)
    assert all(one.text for one in passages(shown.text))
    assert process_time() - began < 10


def test_a_page_has_what_fits_and_always_one():
    assert fitting([]) == 1
    assert fitting([MOST_OPENED * 3, 1]) == 1
    assert fitting([MOST_OPENED - 2, 1, 1, 1]) == 3
