"""Keys and codes as people type and paste them (E11, LIC-10, M17)."""

from pathlib import Path

import pytest
import yaml
from chassis.lists import compact, typed, visible
from hypothesis import given
from hypothesis import strategies as st

PASTED: dict[str, list[str]] = yaml.safe_load((Path(__file__).parents[1] / "corpora" / "pasted.yaml").read_text())
OTHERS = PASTED.pop("others")
GROUPS = st.lists(st.from_regex(r"[A-Z0-9]{4,6}", fullmatch=True), min_size=1, max_size=5)
INVISIBLE = st.sampled_from("\u00ad\u200b\u200c\u200d\u2060\u200e\u200f\ufeff\u202a\u202c\u2066\u2069\ufe0f")
JOINTS = st.sampled_from(["-", " ", "\u00a0", "–", "\u2011", " — ", "-\r\n", "\n> ", "_", "-=\n", ""])


@pytest.mark.parametrize("pasted", [text for texts in PASTED.values() for text in texts])
def test_what_people_paste_is_what_they_mean(pasted: str):
    assert compact(pasted) == "AB12CD34EF56"


@pytest.mark.parametrize("pasted", OTHERS)
def test_another_code_stays_another(pasted: str):
    assert compact(pasted) != "AB12CD34EF56"


def test_a_code_in_words_keeps_its_words():
    assert typed("key in words only") == "KEY-IN-WORDS-ONLY"
    assert typed("https://shop.example/AB12") == "HTTPS://SHOP.EXAMPLE/AB12"


@given(groups=GROUPS, data=st.data())
def test_a_code_survives_what_lies_between_two_people(groups: list[str], data: st.DataObject):
    text = groups[0]
    for group in groups[1:]:
        text += data.draw(JOINTS) + group
    text = "".join(data.draw(INVISIBLE) + sign if data.draw(st.booleans()) else sign for sign in text)
    text = data.draw(st.sampled_from(["{}", "“{}”.", "> {}", "Key: {}", "Schlüssel:\n{}", "\u200b({})"])).format(text)
    assert compact(data.draw(st.sampled_from([text, text.lower(), text.title()]))) == "".join(groups)


@given(st.text(max_size=100))
def test_what_was_read_once_reads_the_same_again(text: str):
    assert typed(typed(text)) == typed(text)
    assert compact(typed(text)) == compact(text)


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("Erikas  Büro-PC 💻", "Erikas Büro-PC 💻"),
        ("exe\u202egnp.\u2066x", "exegnp.x"),
        ("a\u2028b\u2029c\u0085d\x1be\x00f", "a b cdef"),
        ("\ue000\ufeff\u200b \u00ad", ""),
    ],
)
def test_a_name_is_one_line_of_what_people_see(given: str, seen: str):
    assert visible(given) == seen
    assert visible(seen) == seen
