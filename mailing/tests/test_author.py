"""Whose address stands in From, and that nobody can see another than we do."""

import pytest
from mailing.authentication.author import NoAuthor, author_of, read_head


def author(head: str | bytes) -> str:
    raw = head.encode() if isinstance(head, str) else head
    return author_of(read_head(raw + b"\r\nSubject: x\r\n\r\nFrom: other@example.net\r\n")).address


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("a@shop.example", "a@shop.example"),
        (" <A.b+c@Shop.Example> ", "A.b+c@shop.example"),
        ("Anna Meier <a@shop.example>", "a@shop.example"),
        ('"Meier, Anna (Shop) <x@y.example>" <a@shop.example>', "a@shop.example"),
        ('"a \\" <x@y.example>" <a@shop.example>', "a@shop.example"),
        ("a@shop.example (Anna \\) <x@y.example> (Meier))", "a@shop.example"),
        ("=?utf-8?q?x=40y=2Eexample=2C?= <a@shop.example>", "a@shop.example"),
        ("a@shop.example <a@shop.example>", "a@shop.example"),
        ("Anna\r\n Meier\r\n\t<a@shop.example>", "a@shop.example"),
        ("Jürgen <jürgen@bücher.example>", "jürgen@xn--bcher-kva.example"),
        ("O'Neil Shop & Co. <o'neil@shop.example>", "o'neil@shop.example"),
    ],
)
def test_one_address_in_the_spellings_of_mail_programs(value: str, address: str):
    assert author(f"From: {value}") == address


def test_a_name_in_an_old_charset_hides_no_address():
    assert author("From: Jürgen <a@shop.example>".encode("latin-1")) == "a@shop.example"
    with pytest.raises(NoAuthor):
        author("From: <jürgen@shop.example>".encode("latin-1"))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a@shop.example, b@shop.example",
        "<a@shop.example> <b@bank.example>",
        "<a@shop.example>, b",
        "a@shop.example <b@bank.example",
        "Friends: a@shop.example;",
        "a@b@shop.example",
        "a@[192.0.2.1]",
        "a@localhost",
        "a@shop..example",
        '"a@bank.example"@shop.example',
        'a@shop.example" <b@bank.example>',
        "a@shop.example (b@bank.example",
        "a@shop.example) (b",
        "a\\@shop.example",
        "<@bank.example:a@shop.example>",
        "=?utf-8?q?a=40shop=2Eexample?=",
        "x" * 3000 + " <a@shop.example>",
    ],
)
def test_F_M21_what_is_not_one_address_is_none(value: str):
    with pytest.raises(NoAuthor):
        author(f"From: {value}")


@pytest.mark.parametrize(
    "head",
    [
        "Subject: nobody",
        "From: a@shop.example\r\nFrom: b@bank.example",
        "From: a@shop.example\r\nfrOM: b@bank.example",
        "From : a@shop.example",
        "From: a@shop.example\r\nno field\r\nX: y",
        "From: a@shop.example\r\n \r\nX: y",
        " folded: first\r\nFrom: a@shop.example",
        "X: y\rFrom: b@bank.example\r\nFrom: a@shop.example",
        "From: a@shop.example\0b@bank.example",
        "From a@shop.example\r\nFrom: a@shop.example",
        "Frоm: a@shop.example",
        "X: " + "y" * 1_100_000 + "\r\nFrom: a@shop.example",
    ],
)
def test_F_M21_a_head_that_programs_read_differently_has_no_author(head: str):
    with pytest.raises(NoAuthor):
        author(head)


def test_the_body_is_no_head():
    with pytest.raises(NoAuthor, match="no From"):
        author_of(read_head(b"\r\nFrom: a@shop.example\r\n"))
    assert read_head(b"A: b\n\nc").body == 6
