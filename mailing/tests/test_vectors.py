"""What the RFCs print: signed mails (RFC 6376 A.2, RFC 8463 A.3), policies (RFC 7208 A), records (RFC 7489 B)."""

import pytest
from doubles.nameserver import NameServer
from mailing.authentication import Policy, Verdict, authenticate
from mailing.resolver import Resolver

RFC6376 = """\
DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;
      c=simple/simple; q=dns/txt; i=joe@football.example.com;
      h=Received : From : To : Subject : Date : Message-ID;
      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB
      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut
      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV
      4bmp/YzhwvcubU4=;
Received: from client1.football.example.com  [192.0.2.1]
      by submitserver.example.com with SUBMISSION;
      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game. Are you hungry yet?

Joe.
"""
RFC6376_KEY = (
    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
    "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
    "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)
RFC8463 = """\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.

"""
RFC8463_KEYS = {
    "brisbane": "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "test": (
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi"
        "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2k"
        "ryOTIKT+l/K4w3QIDAQAB"
    ),
}


def on_the_wire(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


async def test_MAIL_13_the_signed_mail_of_RFC_6376_passes_and_no_other(names: NameServer, resolver: Resolver):
    names.text("brisbane._domainkey.example.com", RFC6376_KEY)
    found = await authenticate(on_the_wire(RFC6376), "192.0.2.1", "client", "joe@football.example.com", resolver)
    assert [each.verdict for each in found.signatures] == [Verdict.PASS]
    assert found.author
    assert found.author.domain == "football.example.com"
    assert found.proves_author
    for old, new in (
        (b"dinner", b"supper"),
        (b"hungry", b"thirsty"),
        (b"joe@f", b"jim@f"),
        (b"lost the", b"lost  the"),
    ):
        changed = on_the_wire(RFC6376).replace(old, new)
        found = await authenticate(changed, "192.0.2.1", "client", "joe@football.example.com", resolver)
        assert not found.proves_author, new


async def test_MAIL_13_both_signatures_of_RFC_8463_pass(names: NameServer, resolver: Resolver):
    for selector, key in RFC8463_KEYS.items():
        names.text(f"{selector}._domainkey.football.example.com", key)
    found = await authenticate(on_the_wire(RFC8463), "192.0.2.1", "client", "", resolver)
    assert [(each.selector, each.verdict) for each in found.signatures] == [
        ("brisbane", Verdict.PASS),
        ("test", Verdict.PASS),
    ]
    changed = on_the_wire(RFC8463).replace(b"hungry", b"thirsty")
    found = await authenticate(changed, "192.0.2.1", "client", "", resolver)
    assert [each.verdict for each in found.signatures] == [Verdict.FAIL, Verdict.FAIL]


RFC7208_ZONE = {
    "example.com": {"A": ["192.0.2.10", "192.0.2.11"], "MX": ["10 mail-a.example.com.", "20 mail-b.example.com."]},
    "mail-a.example.com": {"A": ["192.0.2.129"]},
    "mail-b.example.com": {"A": ["192.0.2.130"]},
    "example.org": {"MX": ["10 mail-c.example.org."]},
    "mail-c.example.org": {"A": ["192.0.2.140"]},
    "10.2.0.192.in-addr.arpa": {"PTR": ["example.com."]},
    "65.2.0.192.in-addr.arpa": {"PTR": ["amy.example.com."]},
    "amy.example.com": {"A": ["192.0.2.65"]},
    "mary.mobile-users._spf.example.com": {"A": ["127.0.0.2"]},
    "15.15.168.192.joel.remote-users._spf.example.com": {"A": ["127.0.0.2"]},
}


@pytest.mark.parametrize(
    ("policy", "passes", "fails"),
    [
        ("v=spf1 +all", ["192.0.2.200"], []),
        ("v=spf1 a -all", ["192.0.2.10", "192.0.2.11"], ["192.0.2.129"]),
        ("v=spf1 a:example.org -all", [], ["192.0.2.10", "192.0.2.140"]),
        ("v=spf1 mx -all", ["192.0.2.129", "192.0.2.130"], ["192.0.2.10"]),
        ("v=spf1 mx:example.org -all", ["192.0.2.140"], ["192.0.2.129"]),
        ("v=spf1 mx mx:example.org -all", ["192.0.2.129", "192.0.2.130", "192.0.2.140"], ["192.0.2.10"]),
        ("v=spf1 mx/30 mx:example.org/30 -all", ["192.0.2.131", "192.0.2.143"], ["192.0.2.132"]),
        ("v=spf1 ptr -all", ["192.0.2.10", "192.0.2.65"], ["192.0.2.140"]),
        ("v=spf1 ip4:192.0.2.128/28 -all", ["192.0.2.129", "192.0.2.140"], ["192.0.2.65"]),
        ("v=spf1 mx exists:%{l}.mobile-users._spf.%{d} -all", ["192.0.2.200"], []),
        ("v=spf1 exists:%{ir}.%{l1r+-}.remote-users._spf.%{d} -all", [], ["192.0.2.200"]),
    ],
)
async def test_MAIL_13_the_policies_of_RFC_7208(
    policy: str, passes: list[str], fails: list[str], names: NameServer, resolver: Resolver
):
    names.zone = {name: dict(records) for name, records in RFC7208_ZONE.items()}
    names.text("example.com", policy, "a text of another kind")
    for peers, verdict in ((passes, Verdict.PASS), (fails, Verdict.FAIL)):
        for peer in peers:
            found = await authenticate(b"", peer, "mail.example", "mary@example.com", resolver)
            assert (peer, found.spf.verdict) == (peer, verdict)


RFC7489 = b"From: a@%s\r\nSubject: x\r\n\r\nx\r\n"


@pytest.mark.parametrize(
    ("record", "policy"),
    [
        ("v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com", Policy.NONE),
        (
            "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com; ruf=mailto:auth-reports@thirdparty.example.net",
            Policy.NONE,
        ),
        (
            (
                "v=DMARC1; p=quarantine; rua=mailto:dmarc-feedback@example.com,"
                "mailto:tld-test@thirdparty.example.net!10m; pct=100"
            ),
            Policy.QUARANTINE,
        ),
    ],
)
async def test_F_M20_the_records_and_alignments_of_RFC_7489(
    record: str, policy: Policy, names: NameServer, resolver: Resolver
):
    names.text("_dmarc.example.com", record)
    names.text("example.com", "v=spf1 ip4:192.0.2.1 -all")
    names.text("child.example.com", "v=spf1 ip4:192.0.2.1 -all")
    names.text("example.net", "v=spf1 ip4:192.0.2.1 -all")
    # B.1.1: exactly aligned; in relaxed alignment; not aligned
    for envelope, verdict in (
        ("sender@example.com", Verdict.PASS),
        ("sender@child.example.com", Verdict.PASS),
        ("sender@example.net", Verdict.FAIL),
    ):
        found = await authenticate(RFC7489 % b"example.com", "192.0.2.1", "mx", envelope, resolver)
        assert (found.spf.verdict, found.dmarc.verdict, found.dmarc.policy) == (Verdict.PASS, verdict, policy)
        assert found.dmarc.disposition == (Policy.NONE if verdict is Verdict.PASS else policy)
