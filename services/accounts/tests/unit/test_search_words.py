"""By which words a company is found."""

import pytest
from accounts.domain.blind_index import BlindIndex
from accounts.domain.search_words import MOST, search_words
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Müller & Söhne GmbH & Co. KG", {"muller", "sohne"}),
        ("MUELLER und Soehne", {"muller", "sohne"}),
        ("Mu\u0308ller-So\u0308hne G.m.b.H.", {"muller", "sohne"}),
        ("Straßenbau Østergård ApS", {"strassenbau", "ostergard"}),
        ("IBM Deutschland GmbH", {"ibm", "deutschland"}),
        ("H&M", {"h", "m"}),
        ("3M", {"3m"}),
        ("GmbH", set[str]()),
        (" .,- ", set[str]()),
    ],
)
def test_a_company_is_found_by_its_words_however_they_are_typed(typed: str, words: set[str]):
    assert search_words(typed) == words


@given(st.text(max_size=200))
def test_words_are_few(text: str):
    assert len(search_words(text)) <= MOST


def test_a_word_of_a_company_has_another_hash_as_a_name_and_for_another_tenant():
    here, there = BlindIndex(b"a" * 32), BlindIndex(b"b" * 32)
    hashes = [here.company("Meier"), here.billed_name("Meier"), here.name("Meier"), there.company("Meier")]
    assert len({hash_ for some in hashes for hash_ in some}) == 4
