"""Reports as servers write them: each file of `bounces` with what `expected.tsv` says of it."""

import random
import time
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import cast

import pytest
from mailing.reports import (
    Arrival,
    Failure,
    Severity,
    Undelivered,
    compose_report,
    is_automatic,
    read_arrival,
    read_report,
)

BOUNCES = Path(__file__).parent / "bounces"
EXPECTED = [line.split("\t") for line in (BOUNCES / "expected.tsv").read_text().splitlines()]
NAMES = sorted({row[0] for row in EXPECTED})


def bounce(name: str) -> bytes:
    return (BOUNCES / f"{name}.eml").read_bytes().replace(b"\n", b"\r\n")


def contents(raw: bytes) -> list[bytes]:
    parts = message_from_bytes(raw).walk()
    return [cast("bytes", part.get_payload(decode=True)) for part in parts if part.get_content_maintype() == "text"]


def test_every_file_is_expected_and_there_are_enough():
    assert sorted(file.stem for file in BOUNCES.glob("*.eml")) == NAMES
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_MAIL_13_a_bounce_is_read(name: str):
    report = read_report(bounce(name))
    expected = [row[1:] for row in EXPECTED if row[0] == name and row[1] != "-"]
    failures = report.failures if report else ()
    about = [report.message_id or "-", report.sender or "-"] if report else []
    assert [
        [each.recipient, each.status, each.severity, "final" if each.final else "trying", *about] for each in failures
    ] == expected
    for each in failures:
        assert "@" not in each.diagnostic
        assert "\n" not in each.diagnostic


def test_K10_what_arrived_is_read_and_nothing_else_is_taken_for_it():
    found = {name: arrival for name in NAMES if (arrival := read_arrival(bounce(name)))}
    assert found == dict.fromkeys(["postfix-delivered", "postfix-delivered-to-maildir"], Arrival.DELIVERED)
    delivered = bounce("postfix-delivered")
    for action in ("relayed", "expanded"):
        assert read_arrival(delivered.replace(b"Action: delivered", f"Action: {action}".encode())) == action
    # some of it failed
    status = delivered.index(b"Final-Recipient")
    failed = b"Final-Recipient: rfc822; b@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    assert read_arrival(delivered[:status] + failed + delivered[status:]) is None
    assert read_arrival(b"\0" + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" * 3000) is None


def test_F_M18_bounces_are_automatic_and_people_are_not():
    for name in NAMES:
        assert is_automatic(
            bounce(name), "" if not name.startswith(("absence", "person")) else "a@customer.example"
        ) is (not name.startswith("person"))


@pytest.mark.parametrize("seed", range(20))
def test_a_report_that_is_broken_is_none_or_read(seed: int):
    dice = random.Random(seed)
    for name in dice.sample(NAMES, 12):
        raw = bytearray(bounce(name))
        for _ in range(dice.randrange(1, 30)):
            at = dice.randrange(len(raw))
            raw[at : at + dice.randrange(4)] = dice.randbytes(dice.randrange(4))
        report = read_report(bytes(raw[: dice.randrange(len(raw))]) if dice.random() < 0.3 else bytes(raw))
        assert report is None or all(isinstance(each, Failure) for each in report.failures)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
        + b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * 3000,
        b"From: MAILER-DAEMON@x\r\nSubject: Undeliverable\r\n\r\n" + b"a@" * 200_000,
        b"From: MAILER-DAEMON@x\r\nSubject: Undeliverable\r\n\r\n" + b" " * 400_000 + b"x",
        b"From: MAILER-DAEMON@x\r\nSubject: Undeliverable\r\n\r\n" + b"550 " * 100_000,
        b"From: MAILER-DAEMON@x\r\nSubject: Undeliverable\r\n\r\nMessage-ID:" + b"\r\n" * 150_000,
        b"From: MAILER-DAEMON@x\r\nContent-Type: text/html\r\nSubject: Undeliverable\r\n\r\n" + b"<a " * 130_000,
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=a\r\n\r\n--a\r\n"
        b"Content-Type: message/delivery-status\r\n\r\n"
        + b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n"
        * 5000,
        b"Content-Type: multipart/report; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=x\r\n\r\nx\r\n",
    ],
)
def test_hostile_reports_are_read_in_time(raw: bytes):
    started = time.process_time()
    report = read_report(raw)
    assert time.process_time() - started < 2
    assert report is None or len(report.failures) <= 100


def test_F_M10_our_own_report_names_aliases_only():
    raw = compose_report(
        host="relay.example",
        sender="mailer-daemon@relay.example",
        to="anna@customer.example",
        undelivered=[Undelivered("a1@relay.example", "5.1.1"), Undelivered("a2@relay.example", "5.2.2")],
        message_id="<1@customer.example>",
        subject="Frage\r\nBcc: evil@bank.example zu Größe",
        now=datetime(2026, 11, 29, 9, tzinfo=UTC),
    )
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()
    assert is_automatic(raw)
    message = message_from_bytes(raw)
    assert message["Bcc"] is None
    assert message.get_param("report-type") == "delivery-status"
    # by our own reader, as by others
    report = read_report(raw)
    assert report is not None
    assert [(each.recipient, each.status, each.severity) for each in report.failures] == [
        ("a1@relay.example", "5.1.1", Severity.HARD),
        ("a2@relay.example", "5.2.2", Severity.SOFT),
    ]
    text = b"".join(contents(raw)).decode()
    assert "a1@relay.example: das Postfach gibt es nicht" in text
    assert "Subject: Frage Bcc: evil@bank.example zu Größe" in text


@pytest.mark.parametrize("name", NAMES)
def test_F_M10_nothing_that_a_server_said_reaches_our_report(name: str):
    report = read_report(bounce(name))
    for each in report.failures if report else ():
        raw = compose_report(
            host="relay.example",
            sender="mailer-daemon@relay.example",
            to="seller@shop.example",
            undelivered=[Undelivered("a1@relay.example", each.status)],
            message_id="<1@shop.example>",
            subject="Your order",
            now=datetime(2026, 11, 29, 9, tzinfo=UTC),
        )
        whole = (raw + b"".join(contents(raw))).lower()
        for secret in (
            each.recipient,
            each.recipient.partition("@")[0],
            "customer.example",
            "192.0.2.9",
            "gmx",
            "yahoo",
        ):
            assert secret.encode() not in whole
