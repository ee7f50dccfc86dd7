"""The judge finds a secret in whatever form it stands."""

import base64
import quopri

import pytest
from mail_relay.domain.rewriting import leaks

from .building import DISGUISES, ME, PAGE_DISGUISES, escaped, header_of, part, several

HEAD = b"From: a@x.example\r\n"


@pytest.mark.parametrize("disguise", sorted(PAGE_DISGUISES.keys() - {"with (at)", "with a tag"}))
@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
def test_a_secret_is_found_in_each_disguise(disguise: str, encoding: str):
    text = f"<p>{PAGE_DISGUISES[disguise](ME)}</p>"
    assert ME in {leak.secret for leak in leaks(HEAD + part("html", escaped(text), encoding), [ME])}


@pytest.mark.parametrize(
    "header",
    [
        f"X-Any: {ME}",
        "Subject: =?utf-8?b?" + base64.b64encode(ME.encode()).decode() + "?=",
        "Subject: =?utf-8?q?max.mustermann=40firma-?= =?utf-8?q?beispiel.example?=",
        'Content-Type: text/plain; name*0="max.muster"; name*1="mann@firma-beispiel.example"',
        "Content-Type: text/plain; name*=utf-8''max.mustermann%40firma-beispiel.example",
        f'Content-Type: multipart/mixed; boundary="{ME}"',
        "To: max.muster\r\n mann@firma-beispiel.example",
    ],
)
def test_a_secret_is_found_in_each_form_of_a_header(header: str):
    assert leaks(HEAD + header.encode() + b"\r\n\r\nText\r\n", [ME])


def test_a_secret_is_found_in_files_and_forwarded_messages_and_beside_the_parts():
    forward = b"Content-Type: message/rfc822\r\n\r\n" + header_of() + b"\r\nText\r\n"
    packed = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(
        HEAD + b"Subject: " + base64.b64encode(ME.encode())
    )
    file = b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(
        b"\0\1\xff" + ME.encode() + b"\0"
    )
    wide = b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(
        ME.encode("utf-16-le")
    )
    for some in (forward, packed, file, wide):
        assert leaks(HEAD + several("mixed", some), [ME])
    assert leaks(HEAD + several("mixed") + ME.encode(), [ME])


def test_a_secret_is_found_through_several_encodings():
    link = "https://x.example/?u=" + base64.b64encode(ME.replace("@", "%40").encode()).decode()
    assert leaks(HEAD + part("plain", quopri.encodestring(link.encode()).decode(), "base64"), [ME])


def test_a_short_name_is_no_secret_and_a_message_without_one_has_no_leak():
    assert not leaks(HEAD + b"\r\nmax war da\r\n", ["max", ME, "firma-beispiel.example"])
    assert leaks(HEAD + b"\r\nMMUSTER84 war da\r\n", ["mmuster84"])
    assert len(DISGUISES) > 10
