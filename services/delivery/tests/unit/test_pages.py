from datetime import timedelta

import pytest
from delivery.web import ROUTES
from delivery.web.landing import hours_text
from delivery.web.pages import REFUSALS
from delivery.web.words import WORDS


@pytest.mark.parametrize(("hours", "german", "english"), [(1, "1 Stunde", "1 hour"), (24, "24 Stunden", "24 hours")])
def test_a_time_is_written_as_people_read_it(hours: int, german: str, english: str):
    time = timedelta(hours=hours)
    assert (hours_text(time, "de"), hours_text(time, "en")) == (german, english)


def test_each_refusal_has_words_in_each_language_and_the_same_status_as_a_page_and_as_a_problem():
    for error, (reason, status) in REFUSALS.items():
        assert all(reason in words for words in WORDS.values())
        assert ROUTES.errors[error] == status
    assert WORDS["de"].keys() == WORDS["en"].keys()


def test_no_text_names_what_is_a_setting():
    texts = [text for words in WORDS.values() for text in words.values()]
    assert not [text for text in texts if any(map(str.isdigit, text))]
    assert all("{time}" in words["hint"] for words in WORDS.values())
