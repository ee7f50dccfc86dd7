"""Dates and amounts as people read them: the day comes first in both languages."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment
from pages.formats import install

AT = datetime(2026, 11, 3, 22, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("de", ["3. November 2026", "03.11.2026, 23:05", "1.234,50\xa0€", "1.234"]),
        ("en", ["3 November 2026", "3 Nov 2026, 23:05", "€1,234.50", "1,234"]),
    ],
)
def test_dates_and_amounts_are_written_as_in_the_readers_language(language: str, shown: list[str]):
    environment = Environment(autoescape=True)
    install(environment, ZoneInfo("Europe/Berlin"))
    text = "{{ at | day }}|{{ at | moment }}|{{ 123450 | money('EUR') }}|{{ 1234 | number }}"
    assert environment.from_string(text).render(at=AT, language=language).split("|") == shown
