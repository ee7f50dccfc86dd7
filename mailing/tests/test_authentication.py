"""What proves an author, and what does not: SPF, DKIM and DMARC against a name server."""

import asyncio
import base64
import re
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from doubles.nameserver import NameServer
from mailing.authentication import Authentication, Policy, Verdict, authenticate
from mailing.authentication.dmarc import organisational_domain
from mailing.resolver import Resolver
from mailing.signing import Signer, new_key, public_record, read_key

PEER = "192.0.2.1"
KEY = read_key(new_key("ed25519"))
RECORD = public_record(KEY)
BODY = b"Hello.\r\n"


def mail(author: str = "anna@shop.example", *more: str) -> bytes:
    lines = (f"From: Anna <{author}>", "To: x@relay.example", "Subject: Question", *more)
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + BODY


def signed(raw: bytes, domain: str = "shop.example") -> bytes:
    return Signer(domain, "s", KEY).sign(raw)


async def judged(raw: bytes, resolver: Resolver, envelope: str = "anna@other.example") -> Authentication:
    return await authenticate(raw, PEER, "mail.shop.example", envelope, resolver)


@pytest.fixture
def shop(names: NameServer) -> NameServer:
    """A domain that signs, lets our peer send, and rejects the rest."""
    names.text("s._domainkey.shop.example", RECORD)
    names.text("shop.example", f"v=spf1 ip4:{PEER} -all")
    names.text("_dmarc.shop.example", "v=DMARC1; p=reject")
    return names


async def test_F_M13_a_signature_or_the_envelope_of_the_author_is_a_proof(shop: NameServer, resolver: Resolver):
    for raw, envelope, proves in (
        (signed(mail()), "anna@other.example", True),
        (mail(), "anna@shop.example", True),
        (mail(), "anna@other.example", False),
        (mail(), "", False),
        (signed(mail("anna@bank.example")), "anna@shop.example", False),
    ):
        assert (await judged(raw, resolver, envelope)).proves_author is proves
    # without a policy a signature is needed, for SPF lets half the world send
    del shop.zone["_dmarc.shop.example"]
    assert (await judged(signed(mail()), resolver)).proves_author
    assert not (await judged(mail(), resolver, "anna@shop.example")).proves_author


async def test_F_M21_what_a_signature_leaves_open_is_refused(shop: NameServer, resolver: Resolver):
    good = signed(mail())
    assert (await judged(good, resolver)).signatures[0].verdict is Verdict.PASS
    for raw, verdict in (
        (good.replace(b"q=dns/txt", b"q=dns/txt; l=4"), Verdict.POLICY),
        (b"Subject: Other\r\n" + good, Verdict.POLICY),
        (b"From: b@bank.example\r\n" + good, Verdict.POLICY),
        (good.replace(b"h=from:from", b"h=to:to"), Verdict.PERMERROR),
        (good.replace(b"ed25519-sha256", b"rsa-sha1"), Verdict.PERMERROR),
        (good.replace(b"ed25519-sha256", b"rsa-sha256"), Verdict.PERMERROR),
        (good.replace(b"i=@shop", b"i=@evilshop"), Verdict.PERMERROR),
        (good.replace(b"d=shop.example", b"d=shop..example"), Verdict.PERMERROR),
        (re.sub(rb"t=(\d+)", rb"t=1; x=2", good), Verdict.PERMERROR),
        (re.sub(rb"t=(\d+)", rb"t=" + b"9" * 5000, good), Verdict.PERMERROR),
        (good.replace(b"Hello", b"Other"), Verdict.FAIL),
        (good.replace(b"Question", b"Other"), Verdict.FAIL),
    ):
        found = await judged(raw, resolver)
        assert (found.signatures[0].verdict, found.proves_author) == (verdict, False), raw[:300]


async def test_F_M21_a_signature_of_our_own_making_without_From_is_none(shop: NameServer, resolver: Resolver):
    """dkimpy alone would take it, and any From with it (RFC 6376 5.4)."""
    raw = signed(mail())
    bare = re.sub(rb"h=[^;]*;", b"h=to;", raw)
    found = await judged(bare, resolver)
    assert (found.signatures[0].verdict, found.signatures[0].reason) == ("permerror", "the From is not signed")


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        (RECORD.replace("s=email", "s=tlsrpt:other"), Verdict.PERMERROR),
        (RECORD.replace("h=sha256", "h=sha1"), Verdict.PERMERROR),
        (RECORD.replace("v=DKIM1", "v=DKIM2"), Verdict.PERMERROR),
        (RECORD.partition("p=")[0] + "p=", Verdict.PERMERROR),
        (RECORD.replace("k=ed25519", "k=rsa"), Verdict.PERMERROR),
        (RECORD[:-8], Verdict.PERMERROR),
        (RECORD + "; t=y", Verdict.NEUTRAL),
        (RECORD + "; t=s", Verdict.PASS),
        (public_record(read_key(new_key("ed25519"))), Verdict.FAIL),
        ("p=" + "A" * 9000, Verdict.PERMERROR),
        ("\x00\xff p= ;;;", Verdict.PERMERROR),
        ("v=DKIM1;" + " " * 5000 + "p=x", Verdict.PERMERROR),
    ],
    ids=[f"record {number}" for number in range(12)],
)
async def test_a_key_is_used_for_what_it_is_for(record: str, verdict: Verdict, shop: NameServer, resolver: Resolver):
    shop.text("s._domainkey.shop.example", record.encode("latin-1"))
    assert (await judged(signed(mail()), resolver)).signatures[0].verdict is verdict


@pytest.mark.parametrize(("bits", "verdict"), [(512, "permerror"), (1024, "fail"), (4096, "fail"), (4104, "permerror")])
async def test_a_key_is_neither_weak_nor_costly(bits: int, verdict: str, shop: NameServer, resolver: Resolver):
    modulus = (1 << (bits - 1)) | (1 << 9) | 1
    key = RSAPublicNumbers(65537, modulus).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    shop.text("s._domainkey.shop.example", f"k=rsa; p={base64.b64encode(key).decode()}")
    found = await judged(Signer("shop.example", "s", read_key(new_key("rsa"))).sign(mail()), resolver)
    assert found.signatures[0].verdict == verdict


@pytest.mark.parametrize("broken", ["down", "silent"])
async def test_name_servers_that_do_not_answer_prove_nothing(broken: str, shop: NameServer):
    resolver = Resolver(["127.0.0.1"], shop.port, timeout_seconds=0.2)
    for name, raw in (
        ("s._domainkey.shop.example", signed(mail())),
        ("shop.example", mail()),
        ("_dmarc.shop.example", signed(mail())),
    ):
        getattr(shop, broken).add(name)
        found = await judged(raw, resolver, "anna@shop.example" if name == "shop.example" else "")
        assert (found.dmarc.verdict, found.proves_author, found.unanswered) == (Verdict.TEMPERROR, False, True), name
        getattr(shop, broken).clear()


@pytest.mark.parametrize(
    ("record", "author", "signer", "verdict", "policy"),
    [
        ("p=reject", "a@shop.example", "shop.example", "pass", "reject"),
        ("p=reject", "a@shop.example", "mail.shop.example", "pass", "reject"),
        ("p=reject", "a@news.shop.example", "shop.example", "pass", "reject"),
        ("p=reject; adkim=s", "a@shop.example", "mail.shop.example", "fail", "reject"),
        ("p=reject; adkim=s", "a@shop.example", "SHOP.example", "pass", "reject"),
        ("p=reject; sp=none", "a@news.shop.example", "other.example", "fail", "none"),
        ("p=none; sp=reject", "a@news.shop.example", "other.example", "fail", "reject"),
        ("p=quarantine", "a@deep.news.shop.example", "other.example", "fail", "quarantine"),
        ("p=none; sp=reject", "a@shop.example", "other.example", "fail", "none"),
        ("p=reject", "a@evilshop.example", "shop.example", "none", "none"),
        ("p=unheard; rua=mailto:x@shop.example", "a@shop.example", "other.example", "fail", "none"),
        ("p=unheard", "a@shop.example", "other.example", "none", "none"),
        ("P=REJECT", "a@shop.example", "other.example", "fail", "reject"),
    ],
)
async def test_F_M20_alignment_is_strict_or_relaxed_and_subdomains_have_a_policy(
    record: str, author: str, signer: str, verdict: str, policy: str, names: NameServer, resolver: Resolver
):
    names.text("_dmarc.shop.example", f"v=DMARC1; {record}", "another text")
    names.text(f"s._domainkey.{signer.lower()}", RECORD)
    found = await judged(signed(mail(author), signer), resolver)
    assert found.signatures[0].verdict is Verdict.PASS
    assert (found.dmarc.verdict, found.dmarc.policy) == (verdict, policy)
    assert found.dmarc.disposition == ("none" if verdict == "pass" else policy)


async def test_F_M20_the_record_of_a_subdomain_is_its_own(names: NameServer, resolver: Resolver):
    names.text("_dmarc.shop.example", "v=DMARC1; p=none; sp=none")
    names.text("_dmarc.news.shop.example", "v=DMARC1; p=reject; sp=none")
    found = await judged(mail("a@news.shop.example"), resolver)
    assert (found.dmarc.record_of, found.dmarc.disposition) == ("news.shop.example", Policy.REJECT)
    # two records are none (RFC 7489 6.6.3), and what only looks like one is none
    names.text("_dmarc.news.shop.example", "v=DMARC1; p=reject", "v=DMARC1; p=none")
    assert (await judged(mail("a@news.shop.example"), resolver)).dmarc.verdict is Verdict.NONE
    names.text("_dmarc.news.shop.example", "p=reject; v=DMARC1", "v=DMARC10; p=reject")
    assert (await judged(mail("a@news.shop.example"), resolver)).dmarc.record_of == "shop.example"


async def test_F_M20_a_part_of_the_mails_is_judged_milder(names: NameServer, resolver: Resolver):
    mails = [mail("a@shop.example", f"X-Number: {number}") for number in range(25)]
    shares = dict[str, int]()
    for percent in ("0", "30", "100", "many"):
        names.text("_dmarc.shop.example", f"v=DMARC1; p=reject; pct={percent}")
        found = [(await judged(raw, resolver)).dmarc.disposition for raw in mails]
        assert set(found) <= {Policy.REJECT, Policy.QUARANTINE}
        assert (await judged(mails[0], resolver)).dmarc.disposition is found[0]
        shares[percent] = found.count(Policy.REJECT)
    assert (shares["0"], shares["100"], shares["many"]) == (0, 25, 25)
    assert 0 < shares["30"] < 20


def test_the_registered_domain_is_found_by_the_list_that_came_with_the_package():
    for domain, registered in (
        ("a.b.shop.example", "shop.example"),
        ("mail.shop.co.uk", "shop.co.uk"),
        ("co.uk", "co.uk"),
        ("shop.com.br", "shop.com.br"),
        ("www.xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("my-shop.de", "my-shop.de"),
    ):
        assert organisational_domain(domain) == registered


async def test_SPF_is_bounded_and_never_passes_by_an_error(names: NameServer, resolver: Resolver):
    for number in range(12):
        names.text(f"i{number}.example", f"v=spf1 include:i{number + 1}.example ip4:{PEER} -all")
    names.text("ten.example", f"v=spf1 {' '.join(f'a:h{number}.example' for number in range(11))} ip4:{PEER}")
    names.text("mx.example", "v=spf1 mx +all")
    names.zone["mx.example"]["MX"] = [f"1 m{number}.example." for number in range(11)]
    names.text("void.example", "v=spf1 a:v1.example a:v2.example a:v3.example +all")
    names.text("loop.example", "v=spf1 include:loop.example +all")
    names.text("two.example", "v=spf1 +all", "v=spf1 -all")
    names.text("bytes.example", b"v=spf1 \xff\x00 +all")
    # pyspf takes the domain behind the first `@`
    names.text("b\\@i3.example", "v=spf1 +all")
    names.text("macro.example", "v=spf1 exists:%{z}.example +all")
    for domain in ("i0", "ten", "mx", "void", "loop", "two", "bytes", "macro"):
        found = await judged(b"", resolver, f"a@{domain}.example")
        assert found.spf.verdict is Verdict.PERMERROR, domain
    assert names.asked.total() < 60
    for envelope in (
        "a@none.example",
        "a@b@i3.example",
        "nobody",
        "a@",
        "a@[192.0.2.1]",
        "ü@ü.example",
        "a@x\\y.example",
    ):
        found = await judged(b"", resolver, envelope)
        assert found.spf.verdict in (Verdict.NONE, Verdict.PERMERROR, Verdict.FAIL), envelope
    assert (await authenticate(b"", "no address", "x", "a@two.example", resolver)).spf.verdict is Verdict.PERMERROR


async def test_the_greeting_is_judged_where_no_sender_is_named(names: NameServer, resolver: Resolver):
    names.text("mail.shop.example", f"v=spf1 ip4:{PEER} -all")
    found = await judged(mail(), resolver, "")
    assert (found.spf.verdict, found.spf.domain, found.dmarc.spf_aligned) == ("pass", "mail.shop.example", True)


async def test_hostile_mails_do_not_hold_the_loop(shop: NameServer, resolver: Resolver):
    """Each of these took dkimpy alone many seconds, with every other thread standing still."""
    good = signed(mail())
    blanks = b" " * 200_000
    hostile = [
        good + blanks + b"x\r\n",
        (b"DKIM-Signature: v=1; b" + blanks + b"\r\n") + good,
        good.replace(b" b=", b" b=A" + blanks + b"!", 1),
        b"DKIM-Signature: v=1;\r\n" * 500 + good,
    ]
    longest = 0.0

    async def all_of_them() -> None:
        for raw in hostile:
            await judged(raw, resolver)

    done = asyncio.create_task(all_of_them())
    while not done.done():
        last = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - last)
    await done
    assert longest < 1.0
