"""Texts of others are made harmless."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from chassis_testing.names import NAMES
from hypothesis import given
from hypothesis import strategies as st
from letters.domain.sending import next_try
from letters.domain.texts import greetable
from mailing.texts import one_line, scrubbed

TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
NOW = datetime(2026, 11, 2, tzinfo=UTC)


@given(st.text())
def test_one_line_holds_nothing_that_controls(text: str):
    line = one_line(text)
    assert not [sign for sign in line if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [sign for sign in line if unicodedata.bidirectional(sign) in TURNING]


@pytest.mark.parametrize(
    "name",
    [
        "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a non-joiner
        "\u0d28\u0d4d\u200d",  # Malayalam, with a joiner
        "Family \U0001f468\u200d\U0001f469\u200d\U0001f467 Photos",
        "Smile \U0001fae9 2.0",  # Unicode 16, younger than Python's tables
        "Silben\xadtrenner",
        "Office 2007, 4111 1111 1111 1111, @home",
    ],
)
def test_the_spelling_of_a_product_survives(name: str):
    assert one_line(name) == name


@pytest.mark.parametrize("script", NAMES)
def test_the_spelling_of_every_script_survives(script: str):
    person, _, product, file = NAMES[script]
    assert greetable(person) == person
    assert (one_line(product), one_line(file)) == (product, file)


def test_marks_that_turn_a_text_are_dropped_and_breaks_become_blanks():
    assert one_line("\u202eda\u2066nger\r\n\u2028Bcc:\x00x\ufeff") == "danger Bcc: x"


@pytest.mark.parametrize("name", ["Erika Musterfrau", "Dr. J.R.R. Tolkien", "Sammy Davis Jr.", "Anna-Lena O'Brien, 2."])
def test_a_persons_name_is_a_greeting(name: str):
    assert greetable(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "Win at https://evil.example",
        "call me@evil.example",
        "Win at evil-prize.com",
        "Win at evil\u200b-prize\uff0ecom",
        "evil-prize\u3002com/x",
        "evil-prize.\u200dcom",
        "\u0938\u094d\u0935.\u092d\u093e\u0930\u0924",
        "go to 192.0.2.1",
        "Ruf 0900-12 34 56",
    ],
)
def test_a_name_that_leads_away_is_no_greeting(name: str):
    assert greetable(name) == ""


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_answer_keeps_an_address(before: str, after: str):
    address = "erika.m@example.org"
    kept = scrubbed(f"{before} <{address.upper()}> {after}", address)
    assert "erika.m" not in kept.lower()
    assert "erika.m" not in scrubbed(f"user erika.m unknown {before}", address).lower()


def test_no_answer_keeps_anybody_elses_address():
    assert scrubbed("ask <postmaster@example.net> or x@y.", "erika@example.org") == "ask <***> or ***"


def test_F_M26_pauses_double_and_end_after_two_days():
    pauses = [next_try(number, NOW, NOW) for number in range(1, 5)]
    assert pauses == [NOW + timedelta(seconds=15 * 2**number) for number in range(4)]
    assert next_try(99, NOW, NOW) == NOW + timedelta(hours=2)
    assert next_try(99, NOW, NOW + timedelta(days=2)) is None
