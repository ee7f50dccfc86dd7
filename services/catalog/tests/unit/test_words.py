"""What people type, and what they may mean."""

import pytest
from catalog.domain.words import (
    Asked,
    distance,
    folded,
    forgiven,
    meant,
    nearest,
    shortened,
    spellings,
    vocabulary,
    words,
)


@pytest.mark.parametrize(
    ("text", "found"), [("Büro", "buero"), ("Straße", "strasse"), ("Café", "cafe"), ("ŒUVRE Ø", "œuvre oe")]
)
def test_marks_are_written_without_them(text: str, found: str):
    assert folded(text) == found


def test_a_text_is_found_by_each_of_its_spellings():
    assert spellings("Büro") == "Büro\nbuero\nburo"
    assert spellings("office") == "office"


def test_what_is_typed_becomes_words_and_their_beginnings_and_nothing_else_of_a_query():
    assert Asked.read("Büro & !'pro' 7") == Asked("Büro & !'pro' 7", "buero & !'pro' 7", "buero:* & pro:* & 7")
    assert Asked.read("- & | :*").query == ""
    assert len(words(" ".join(f"w{n}" for n in range(50)))) == 12


@pytest.mark.parametrize(
    ("one", "other", "wrong"),
    [
        ("offise", "office", 1),
        ("ofice", "office", 1),
        ("widnows", "windows", 1),
        ("windos", "windows", 1),
        ("vysta", "vista", 1),
        ("", "ab", 2),
        ("ca", "abc", 3),
        ("works", "works", 0),
    ],
)
def test_letters_that_are_wrong_missing_or_swapped_are_counted(one: str, other: str, wrong: int):
    assert distance(one, other) == distance(other, one) == wrong


def test_short_words_and_numbers_must_be_right_and_long_ones_may_have_two_faults():
    assert [forgiven(word) for word in ("pro", "vist", "offise", "office07")] == [0, 1, 2, 0]
    assert nearest("offise", ["office", "works", "officer"]) == ["office", "officer"]
    assert nearest("pro", ["prx"]) == []


def test_words_that_differ_by_a_letter_have_a_shorter_one_in_common():
    assert shortened("abc") == {"abc", "ab", "ac", "bc"}
    assert shortened("abc", 2) == {"abc", "ab", "ac", "bc", "a", "b", "c"}
    for mistyped in ("offise", "ofice", "offfice", "foffice", "offcie"):
        assert shortened("office") & shortened(mistyped), mistyped


def test_what_is_meant_is_written_as_it_is_known():
    known = vocabulary(["Büro Word 2007", "ab"])
    assert known == {"buero": "Büro", "buro": "Büro", "word": "Word"}
    assert meant("bueor word!", {"bueor": known["buero"]}) == "Büro word!"
