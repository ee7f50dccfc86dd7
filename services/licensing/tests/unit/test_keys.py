import re
import string

import pytest
from chassis.lists import typed
from hypothesis import given
from hypothesis import strategies as st
from licensing.domain.keys import ALPHABET, KeyMistyped, forms, generate, tail

PREFIXES = st.text(string.ascii_uppercase + string.digits, max_size=16)


def positions(key: str) -> list[int]:
    """Where the symbols of the last four groups stand."""
    return [place for place in range(len(key) - 27, len(key)) if key[place] != "-"]


def test_F_L09_a_key_has_more_than_100_random_bits_in_four_groups():  # LIC-4
    assert re.fullmatch(r"VISTA-[0-9A-Z]{6}-[0-9A-Z]{6}-[0-9A-Z]{6}-[0-9A-Z]{6}", generate("VISTA"))
    assert len({generate("") for _ in range(10_000)}) == 10_000
    assert 22 * (len(ALPHABET).bit_length() - 1) >= 100


def test_a_prefix_of_anything_makes_a_key_that_can_be_read():
    for prefix in ("vista-hp", "Ümlaut 7", "x" * 80, "=cmd()", "", "UNO"):
        assert len(forms(generate(prefix))) == 2


@given(prefix=PREFIXES, place=st.integers(0, 23), symbol=st.sampled_from(ALPHABET))
def test_every_wrong_symbol_is_found_offline(prefix: str, place: int, symbol: str):  # LIC-4
    key = generate(prefix)
    at = positions(key)[place]
    if key[at] == symbol:
        return
    with pytest.raises(KeyMistyped):
        forms(key[:at] + symbol + key[at + 1 :])


@given(prefix=PREFIXES, one=st.integers(0, 23), other=st.integers(0, 23))
def test_every_swap_of_two_symbols_is_found_offline(prefix: str, one: int, other: int):  # LIC-4
    key = generate(prefix)
    symbols = list(key)
    i, k = positions(key)[one], positions(key)[other]
    if symbols[i] == symbols[k]:
        return
    symbols[i], symbols[k] = symbols[k], symbols[i]
    with pytest.raises(KeyMistyped):
        forms("".join(symbols))


@given(prefix=PREFIXES, data=st.data())
def test_a_key_is_the_same_however_it_is_written(prefix: str, data: st.DataObject):
    key = generate(prefix)
    written = data.draw(
        st.sampled_from(
            [
                key.lower(),
                key.replace("-", ""),
                key.replace("-", " "),
                f"  {key.replace('-', ' – ')}\t",
                key[:-27] + key[-27:].replace("1", "l").replace("0", "o"),
            ]
        )
    )
    assert forms(typed(written))[-1] == forms(key)[-1]


def test_the_prefix_is_part_of_what_is_checked():
    key = generate("VISTA")
    with pytest.raises(KeyMistyped):
        forms("VISTB" + key[5:])
    with pytest.raises(KeyMistyped):
        forms(key[6:])


@given(st.text(max_size=250))
def test_any_text_can_be_asked_for(text: str):
    try:
        assert 1 <= len(forms(text)) <= 2
    except KeyMistyped:
        assert len(text) >= 24


def test_the_sellers_own_serials_have_no_check_digits():
    assert forms(typed("vk7jg-nphtm-c97jm-9mpgt-3v66t")) == ("serial VK7JGNPHTMC97JM9MPGT3V66T",)


@given(st.text(string.ascii_uppercase + string.digits + "-", max_size=60))
def test_people_see_four_characters_and_never_more_than_a_quarter(text: str):
    shown = tail(text)
    assert len(shown) <= min(4, len(text.replace("-", "")) / 4)
    assert text.replace("-", "").endswith(shown)
