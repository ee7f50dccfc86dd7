"""One reading of e-mail addresses: what is one mailbox is one, what are two stays two, tricks are none."""

import idna
import pytest
from contracts.emails import (
    LONGEST,
    LONGEST_DOMAIN,
    LONGEST_LOCAL,
    NOWHERE,
    PLAIN_HOST,
    PLAIN_LOCAL,
    EmailAddress,
    EmailMalformed,
)
from email_validator import validate_email
from hypothesis import assume, given, settings
from hypothesis import strategies as st

LONG = ".".join(["x" * 60] * 4)


@pytest.mark.parametrize(
    ("text", "sent_to"),
    [
        ("Erika@Example.ORG", "Erika@example.org"),
        (" erika@example.org\r\n", "erika@example.org"),
        ("erika@stra\xdfe.de", "erika@xn--strae-oqa.de"),
        ("erika@fa\xdf.at", "erika@xn--fa-hia.at"),
        ("erika@M\xdcLLER.de", "erika@xn--mller-kva.de"),
        ("erika@mu\u0308ller.de", "erika@xn--mller-kva.de"),
        ("erika@xn--mller-kva.de", "erika@xn--mller-kva.de"),
        ("erika@b\xfccher\u3002example", "erika@xn--bcher-kva.example"),
        ("a@\u03b2\u03cc\u03bb\u03bf\u03c2.com", "a@xn--nxasmm1c.com"),  # a final sigma
        ("a@\u03b2\u03cc\u03bb\u03bf\u03c3.com", "a@xn--nxasmq6b.com"),
        ("a@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com", "a@xn--mgba3gch31f060k.com"),  # a non-joiner that belongs
        ("gro\xdf@example.org", "gro\xdf@example.org"),
        ("u\u0308ber@example.org", "\xfcber@example.org"),
        ("a+b.c'd@example.co.uk", "a+b.c'd@example.co.uk"),
        ("a@b\u200b.de", "a@b.de"),  # what pasting adds, UTS 46 ignores
        ("x" * 64 + "@example.org", "x" * 64 + "@example.org"),
        (f"ab@{LONG}.example", f"ab@{LONG}.example"),
    ],
)
def test_a_letter_goes_to_the_mailbox_that_was_written(text: str, sent_to: str):
    assert str(EmailAddress.read(text)) == sent_to


@pytest.mark.parametrize(
    "text",
    [
        *["", "x", "@", "a@", "@b.de", "a b@c.de", "a@b@c.de", "a@@b.de", "a\x00@b.de", "a@b.de\r\nBcc: c@d.de"],
        *['"a b"@c.de', '"erika"@c.de', "Erika <a@c.de>", "<a@c.de>", "a@b.de,c@d.de", "a@c.de>", "(a)b@c.de"],
        *["erika\uff20example.org", "erika\ufe6bexample.org", "a@\u0338b.de", "\u0301a@b.de"],
        *[
            "a@host",
            "a@b..c",
            "a@.b.de",
            "a@b.de.",
            "a@b\u3002de\u3002",
            "a@-b.de",
            "a@b-.de",
            "a@b_c.de",
            "a@\xe4_b.de",
        ],
        *["a@192.0.2.7", "a@[127.0.0.1]", "a@[IPv6:::1]", "a@127.1", "a@b.123"],
        *["a@b.invalid", "a@localhost", "a@b.localhost", "a@b.test", "a@b.local", "a@b.onion"],
        *["a@\U0001f600.com", "a@xn--e28h.com", "a@b\u200dc.com", "a@xn--zzzzzz.com", "a@ab--cd.de"],
        *[".a@b.de", "a.@b.de", "a..b@c.de", "a\u202eb@c.de", "a\u200db@c.de", "a\ud800@c.de", "a@\ud800.de"],
        *["x" * 65 + "@example.org", "\xdf" * 33 + "@example.org", "a@" + "x" * 64 + ".de", "a@" + "\xe4" * 60 + ".de"],
        *[f"abc@{LONG}.example", f"{'x' * 20}@{LONG[:-10]}.de", "a" * 100_000 + "@b.de", "a@" + "b." * 100_000 + "de"],
    ],
)
def test_what_is_no_address_is_refused(text: str):
    with pytest.raises(EmailMalformed):
        EmailAddress.read(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ERIKA@EXAMPLE.ORG", " erika@example.org", True),
        ("\xdcmit@example.org", "u\u0308mit@example.org", True),
        ("a@M\xfcller.example", "a@xn--mller-kva.example", True),
        ("gro\xdf@example.org", "gross@example.org", False),
        ("a@fa\xdf.at", "a@fass.at", False),
        ("a@\u03b2\u03cc\u03bb\u03bf\u03c2.com", "a@\u03b2\u03cc\u03bb\u03bf\u03c3.com", False),
        ("\uff41nna@example.org", "anna@example.org", False),
        ("\u0130b@example.org", "ib@example.org", False),
        ("\u0130b@example.org", "\u0131b@example.org", False),
        ("\ufb01n@example.org", "fin@example.org", False),
        ("a.b@example.org", "ab@example.org", False),
    ],
)
def test_one_mailbox_in_two_spellings_is_one_and_two_mailboxes_are_two(one: str, other: str, same: bool):
    assert (EmailAddress.read(one).compared == EmailAddress.read(other).compared) is same


@given(st.emails() | st.text(max_size=20).map(lambda text: f"{text}@example.org"))
def test_reading_twice_changes_nothing(text: str):
    try:
        read = EmailAddress.read(text)
    except EmailMalformed:
        return
    assert EmailAddress.read(str(read)) == EmailAddress(read.local, read.domain, str(read))
    assert EmailAddress.read(read.compared).compared == read.compared


@settings(max_examples=30, deadline=None)
@given(st.from_regex(PLAIN_LOCAL, fullmatch=True), st.from_regex(PLAIN_HOST, fullmatch=True))
def test_what_is_spelt_plainly_is_read_as_the_libraries_read_it(local: str, host: str):
    assume(len(local) <= LONGEST_LOCAL and len(host) <= LONGEST_DOMAIN)
    validate_email(f"{local}@example.org", check_deliverability=False)
    try:
        encoded = idna.encode(host, uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        encoded = None
    try:
        assert EmailAddress.read(f"{local}@{host}").domain == encoded
    except EmailMalformed:
        assert encoded is None or f".{encoded}".endswith(NOWHERE) or len(f"{local}@{host}") > LONGEST


def test_the_ways_to_write_to_one_mailbox_are_counted_together():
    ways = ["erika.m@example.org", "E.R.I.K.A.M+shop@example.org", "erikam+1+2@example.org"]
    assert {EmailAddress.read(way).mailbox for way in ways} == {"erikam@example.org"}
    assert EmailAddress.read("+a@example.org").mailbox == "+a@example.org"
