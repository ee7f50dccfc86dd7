"""A shop's brand and its file."""

import pytest
from chassis.lists import FileRefused
from chassis.looks import contrast
from hypothesis import given
from hypothesis import strategies as some
from storefront.commands import file
from storefront.domain.shop import Brand

GOOD = b"""
shop: north
tenant: kontor
channel: direct
hosts: [north.example, "localhost:8080"]
name: North
"""


@given(some.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_text_on_any_brand_can_be_read(color: str):
    assert contrast(Brand("North", color).on_color, color) >= 4.5  # WCAG 2.2, 1.4.3


def test_a_file_is_a_shop():
    shop = file.read(GOOD)
    assert (shop.id, shop.hosts, shop.brand.initial) == ("north", ("north.example", "localhost:8080"), "N")


def test_a_file_may_name_what_letters_are_from():
    assert file.read(GOOD).brand.mail_from is None
    assert file.read(GOOD + b"mail: {from: Post@North.example}").brand.mail_from == "Post@north.example"


@pytest.mark.parametrize(
    "change",
    [
        (b"north.example", b"https://north.example"),
        (b"north.example", b"north.example/path"),
        (b"north.example", b"NORTH.example"),
        (b'hosts: [north.example, "localhost:8080"]', b"hosts: []"),
        (b"name: North", b"name: ''"),
        (b"name: North", b"name: North\ncolor: red"),
        (b"name: North", b"name: North\ntagline: {fr: Oui}"),
        (b"name: North", b"name: North\nlogo: x"),
        (b"shop: north", b"shop: North Light"),
        (b"name: North", b"name: North\nmail: {from: nobody}"),
        (b"name: North", b"name: North\nmail: {from: 'North <post@north.example>'}"),
        (b"name: North", "name: North\nmail: {from: pöst@north.example}".encode()),
        (b"name: North", b"name: North\nmail: {}"),
    ],
    ids=lambda change: change[1].decode(),
)
def test_a_faulty_file_is_refused(change: tuple[bytes, bytes]):
    with pytest.raises(FileRefused):
        file.read(GOOD.replace(*change))
