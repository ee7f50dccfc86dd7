"""What a rewritten message promises beyond the corpus: its header, its threads, its bounds, its cost."""

import base64
import email
import os
import time
import tracemalloc
from dataclasses import replace
from email import policy

import pytest
from mail_relay.domain.rewriting import Kind, Reason, Refused, leaks, referred, rewrite

from .building import ALIAS, COLLEAGUE, COLLEAGUE_ALIAS, ID, ME, NEW_ID, RECEIVER, SECOND, SHOP, THEM, WAY, header_of
from .test_corpus import assert_sound, read

HEAD = f"From: {ME}\r\nTo: {THEM}\r\n"


def rewritten_of(header: str, body: str = "Text\r\n"):
    return rewrite(f"{header}\r\n{body}".encode(), WAY)


def test_the_header_is_the_one_that_is_allowed_and_nothing_else():  # F-M06
    traces = header_of("X-Mailer: x\nReceived: from y\nList-Id: <z>\nSender: a@b.example")
    raw = rewrite(traces + b"\r\nText\r\n", WAY).raw
    assert raw.partition(b"\r\n\r\n")[0].decode().split("\r\n") == [
        f"From: {SHOP} <{ALIAS}>",
        f"Reply-To: {ALIAS}",
        f"To: {RECEIVER}",
        "Subject: Re: Bestellung 17",
        "Date: Tue, 03 Nov 2026 09:03:00 +0000",
        f"Message-ID: {NEW_ID}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain",
    ]


def test_a_thread_holds_by_the_ids_that_the_receiver_knows():  # MAIL-4
    ids = f"References: <old@x.example>\r\n <k-1@relay.example>\r\n {ID}\r\nIn-Reply-To: {ID}\r\nSubject: AW: Frage\r\n"
    message = read(rewritten_of(HEAD + ids).raw)
    assert str(message["References"]).split() == ["<k-1@kunde-beispiel.example>", "<m-1@relay.example>"]
    assert message["In-Reply-To"] == "<m-1@relay.example>"
    assert message["Subject"] == "AW: Frage"


def test_what_a_message_refers_to_is_read_of_its_header():
    head = b"From: a@b.example\r\nIn-Reply-To: <1@x.example>\r\nReferences: <2@x.example>\r\n <1@x.example>\r\n"
    assert referred(head + b"\r\nIn-Reply-To: <3@x.example>\r\n") == {"<1@x.example>", "<2@x.example>"}
    assert referred(b"Subject: x\r\n\r\nReferences: <3@x.example>\r\n") == set()
    assert referred(head) == {"<1@x.example>", "<2@x.example>"}


def test_a_long_thread_keeps_its_first_and_its_last_ids():
    known = {f"<{number}@a.example>": f"<{number}@b.example>" for number in range(500)}
    way = replace(WAY, known_ids=known)
    raw = rewrite(f"{HEAD}References: {' '.join(known)}\r\n\r\nText\r\n".encode(), way).raw
    ids = str(read(raw)["References"]).split()
    assert (len(ids), ids[0], ids[1], ids[-1]) == (100, "<0@b.example>", "<401@b.example>", "<499@b.example>")


def test_everybody_of_the_conversation_is_shown_by_alias_and_nobody_else():
    cc = f"Cc: {COLLEAGUE}, Fremd <fremd@x.example>, {SECOND}\r\nSubject: x\r\n"
    rewritten = rewritten_of(HEAD + cc)
    message = read(rewritten.raw)
    assert message["To"] == RECEIVER
    assert message["Cc"] == f"{COLLEAGUE_ALIAS}, {ALIAS}"
    assert rewritten.of(Kind.LEFT_OFF) == ["fremd@x.example"]


def test_a_blind_copy_names_nobody():
    assert "undisclosed-recipients" in str(read(rewritten_of(f"From: {ME}\r\n").raw)["To"])


def test_an_encoded_subject_becomes_no_header():  # F-M06
    message = read(rewritten_of(HEAD + "Subject: =?utf-8?q?hi=0D=0ABcc:_x=40y.example?=\r\n").raw)
    assert message["Bcc"] is None
    assert message["Subject"] == "hi Bcc: x@y.example"


def test_a_subject_of_any_script_is_kept():
    subject = "Größe für Ειρήνη \U0001f600 " * 12
    encoded = base64.b64encode(subject.encode()).decode()
    assert read(rewritten_of(f"{HEAD}Subject: =?utf-8?b?{encoded}?=\r\n").raw)["Subject"] == subject.strip()


def test_a_date_that_is_none_becomes_the_time_of_acceptance():
    assert read(rewritten_of(HEAD + "Date: gestern\r\n").raw)["Date"] == "Sun, 29 Nov 2026 08:00:00 +0000"


def test_what_is_not_changed_leaves_byte_by_byte():
    mime = "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    raw = rewritten_of(HEAD + mime, "Gr=F6=DFe=20=\r\n x\r\n").raw
    assert raw.endswith(b"Gr=F6=DFe=20=\r\n x\r\n")
    assert b"charset=iso-8859-1" in raw


def test_a_boundary_is_new():
    mime = 'Content-Type: multipart/mixed; boundary="max.mustermann"\r\n'
    rewritten = rewritten_of(HEAD + mime, "--max.mustermann\r\n\r\nText\r\n--max.mustermann--\r\n")
    assert b"max.mustermann" not in rewritten.raw


def test_a_line_of_any_length_leaves_short():
    assert_sound(rewritten_of(HEAD + f"Subject: {'x' * 5000}\r\n", "y" * 5000 + "\r\n").raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (HEAD + "Subject: " + "x" * 100_000 + "\r\n\r\nText\r\n", Reason.LONG_FIELD),
        (HEAD + "X: y\r\n" * 200_000 + "\r\nText\r\n", Reason.LONG_FIELD),
        (
            HEAD + "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(40)),
            Reason.TOO_DEEP,
        ),
        (HEAD + "Content-Type: message/rfc822\r\n\r\n" * 40 + "From: x\r\n\r\n", Reason.TOO_DEEP),
        (HEAD + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\n\r\nx\r\n" * 3000, Reason.TOO_MANY_PARTS),
    ],
    ids=["a long field", "a long header", "deep", "deep forwards", "many parts"],
)
def test_what_has_no_bounds_is_refused_with_a_reason(raw: str, reason: Reason):  # F-M24
    with pytest.raises(Refused) as refused:
        rewrite(raw.encode(), WAY)
    assert refused.value.reason is reason


def test_a_field_that_nobody_keeps_may_be_long():
    assert rewritten_of(HEAD + "X-Long: " + "x" * 100_000 + "\r\n").raw.endswith(b"Text\r\n")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("html", "<" * 300_000),
        ("html", "<!--" * 75_000),
        ("html", '<a b="' * 50_000),
        ("html", "<div>" * 60_000 + ME),
        ("html", f'<a href="mailto:{ME}">{ME}</a>' * 3000),
        ("html", "<style>" * 40_000),
        ("html", "<img src=//x width=" + " " * 300_000 + ">"),
        ("html", "<style>" + "u\\72l(/*" * 40_000 + "url( " * 40_000),
        ("html", "<noembed><" + "= " * 50_000 + " " * 200_000),
        ("plain", "On " * 100_000),
        ("plain", "Am 3. schrieb\n" * 20_000 + ME),
        ("plain", "Von: x\n" * 40_000 + ME),
        ("plain", f"> {ME}\n" * 6000),
        ("plain", "A" * 300_000),
        ("plain", f"{'> ' * 100_000}{ME}"),
        ("plain", "max.mustermann" + " >" * 150_000),
        ("plain", "max.mustermann+" + "a" * 300_000),
        ("plain", "&amp;" * 60_000 + "%25" * 60_000),
        ("calendar", "ATTENDEE" + ';X="' * 50_000),
    ],
)
def test_hostile_contents_take_time_by_their_length_only(kind: str, text: str):  # F-M24
    began = time.process_time()
    rewrite(f"{HEAD}Content-Type: text/{kind}\r\n\r\n{text}".encode(), WAY)
    assert time.process_time() - began < 4


def test_a_message_of_10_megabytes_costs_three_copies_at_most():
    file = base64.encodebytes(os.urandom(7_500_000)).replace(b"\n", b"\r\n")
    head = f"{HEAD}Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\nText\r\n--q\r\n".encode()
    encoded = b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + file
    octets = os.urandom(10_000_000).replace(b"\n", b"\r").replace(b"\r", b"\r\n")
    plain = b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: binary\r\n\r\n" + octets
    for part, copies in ((encoded, 2), (plain, 3)):
        raw = head + part + b"\r\n--q--\r\n"
        tracemalloc.start()
        rewritten = rewrite(raw, WAY).raw
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak + len(raw) < (copies + 0.1) * max(len(raw), len(rewritten))


def test_a_file_is_the_same_after_the_way():
    octets = os.urandom(100_000).replace(b"\r", b"x").replace(b"\n", b"\r\n")
    head = f"{HEAD}Content-Type: image/png\r\nContent-Transfer-Encoding: ".encode()
    lines = base64.b64encode(octets)
    for encoding, body in (("binary", octets), ("base64", lines), ("base64", base64.encodebytes(octets))):
        raw = rewrite(head + encoding.encode() + b"\r\n\r\n" + body, WAY).raw
        assert_sound(raw)
        assert read(raw).get_payload(decode=True) == octets


def test_a_long_text_is_looked_through_and_goes_as_it_is_or_not_at_all():
    text = "Ein Satz ohne alles.\r\n" * 60_000
    assert rewritten_of(HEAD, text).raw.endswith(text.encode())
    rewritten = rewritten_of(HEAD, f"{text}> {ME}\r\n{text}")
    assert rewritten.of(Kind.TAKEN_OUT) == ["text/plain"]
    assert not leaks(rewritten.raw, [ME])


def test_images_keep_their_relation_to_the_page():
    body = (
        "Content-Type: multipart/related; boundary=q\r\n\r\n--q\r\nContent-Type: text/html\r\n\r\n"
        f'<img src="cid:a@{ME.partition("@")[2]}">\r\n--q\r\nContent-Type: image/png\r\n'
        f"Content-ID: <a@{ME.partition('@')[2]}>\r\n\r\nx\r\n--q--\r\n"
    )
    page, image = email.message_from_bytes(rewrite((HEAD + body).encode(), WAY).raw, policy=policy.default).iter_parts()
    assert f"cid:{str(image['Content-ID']).strip('<>')}" in str(page)
