"""Names, asked over the wire of a server that answers badly."""

import asyncio
import contextlib

import pytest
from doubles.nameserver import NameServer
from mailing.resolver import Questions, Resolver, Unanswered, ascii_domain


async def test_what_there_is_is_returned_whatever_its_length(names: NameServer, resolver: Resolver):
    long = b"v=DKIM1; p=" + b"A" * 2000
    names.text("key.example", long, "another")
    names.zone["shop.example"] = {"MX": ["10 mx.shop.example."], "A": ["192.0.2.1"]}
    # by TCP, for it is longer than a datagram
    assert set(await resolver.records("key.example.", "TXT")) == {long, b"another"}
    assert await resolver.records("SHOP.example", "MX") == ((10, "mx.shop.example"),)
    assert await resolver.records("shop.example", "A") == ("192.0.2.1",)
    assert await resolver.records("shop.example", "AAAA") == ()


async def test_a_name_that_does_not_or_cannot_exist_has_nothing(names: NameServer, resolver: Resolver):
    for name in ("nobody.example", "a..b", "a" * 64 + ".example", ".".join(["abcdefg"] * 40), "b\\046c.example", "ü.x"):
        assert await resolver.records(name, "TXT") == ()
    assert sum(names.asked.values()) == 1


async def test_a_server_that_fails_or_does_not_answer_is_no_answer(names: NameServer):
    names.down.add("down.example")
    names.silent.add("silent.example")
    resolver = Resolver(["127.0.0.1"], names.port, timeout_seconds=0.2)
    for name in ("down.example", "silent.example"):
        with pytest.raises(Unanswered) as caught:
            await resolver.records(name, "TXT")
        assert caught.value.temporary


async def test_aliases_are_followed_and_loops_are_left(names: NameServer, resolver: Resolver):
    names.zone["a.example"] = {"CNAME": ["b.example."]}
    names.text("b.example", "here")
    names.zone["loop.example"] = {"CNAME": ["pool.example."]}
    names.zone["pool.example"] = {"CNAME": ["loop.example."]}
    assert await resolver.records("a.example", "TXT") == (b"here",)
    with contextlib.suppress(Unanswered):
        assert await resolver.records("loop.example", "TXT") == ()


async def test_an_answer_larger_than_any_honest_one_is_refused(names: NameServer, resolver: Resolver):
    names.text("many.example", *(f"text {number}" for number in range(101)))
    names.text("large.example", "x" * 17_000)
    for name in ("many.example", "large.example"):
        with pytest.raises(Unanswered) as caught:
            await resolver.records(name, "TXT")
        assert not caught.value.temporary


async def test_questions_are_asked_once_and_not_more_often_than_allowed(names: NameServer, resolver: Resolver):
    questions = Questions(resolver, most=2, seconds=5)
    for _ in range(3):
        assert await questions.records("A.example", "TXT") == ()
        assert await questions.records("b.example", "TXT") == ()
    assert names.asked == {("a.example", "TXT"): 1, ("b.example", "TXT"): 1}
    with pytest.raises(Unanswered, match="too many"):
        await questions.records("c.example", "TXT")


async def test_an_answer_is_kept_as_long_as_it_says_and_nothing_is_not(names: NameServer, resolver: Resolver):
    names.text("brief.example", "first")
    for text in (b"first", b"second"):
        names.text("brief.example", text)
        assert await resolver.records("brief.example", "TXT") == (text,)
    names.ttl = 300
    assert await resolver.records("lasting.example", "TXT") == ()
    names.text("lasting.example", "first")
    for _ in range(3):
        assert await resolver.records("LASTING.example.", "TXT") == (b"first",)
        names.text("lasting.example", "second")
    assert names.asked["lasting.example", "TXT"] == 2
    assert await resolver.records("lasting.example", "A") == ()


async def test_all_questions_together_have_a_time(names: NameServer):
    names.silent.update({"a.example", "b.example", "c.example"})
    questions = Questions(Resolver(["127.0.0.1"], names.port, timeout_seconds=30), most=10, seconds=0.3)
    started = asyncio.get_running_loop().time()
    for name in sorted(names.silent):
        with pytest.raises(Unanswered) as caught:
            await questions.records(name, "TXT")
        assert caught.value.temporary
    assert asyncio.get_running_loop().time() - started < 5


def test_a_domain_is_written_as_dns_has_it():
    assert ascii_domain("BÜCHER.example.") == "xn--bcher-kva.example"
    assert ascii_domain("Shop.Example") == "shop.example"
    assert ascii_domain("a..b") is None
    assert ascii_domain("☃️\u202e.example") is None
