"""Aliases cannot be guessed, and are found however they are written (MAIL-1, F-M15)."""

import pytest
from mail_relay.domain.alias import Domain, new_local_part

DOMAIN = Domain("mail.shop.example")


def test_F_M15_aliases_are_random_and_have_no_two_spellings():
    made = {new_local_part() for _ in range(1000)}
    assert len(made) == 1000
    for one in made:
        assert len(one) == 32
        assert DOMAIN.local_part(DOMAIN.address(one)) == one


@pytest.mark.parametrize(
    "written",
    [
        "ABCDEF@mail.shop.example",
        "AbC.deF@MAIL.shop.EXAMPLE",
        "abcdef+tag@mail.shop.example",
        "a.b.c.d.e.f+t.a+g@mail.shop.example.",
    ],
)
def test_MAIL_1_an_alias_has_one_canonical_form(written: str):
    assert DOMAIN.local_part(written) == "abcdef"


# nothing here leads to somebody else's server
@pytest.mark.parametrize(
    "written",
    [
        "",
        "abcdef",
        "@mail.shop.example",
        "abcdef@shop.example",
        "abcdef@mail.shop.example.evil.example",
        "abc%evil.example@mail.shop.example",
        "evil.example!abc@mail.shop.example",
        "@evil.example:abc@mail.shop.example",
        "abc@evil.example@mail.shop.example",
        '"abc def"@mail.shop.example',
        "\u0430bcdef@mail.shop.example",
        "abcdef@\uff4dail.shop.example",
        "a" * 65 + "@mail.shop.example",
        "+tag@mail.shop.example",
    ],
)
def test_F_M03_anything_else_is_no_alias(written: str):
    assert DOMAIN.local_part(written) is None
