"""The start page: a shop that lacks legal texts is named with each text once, and the languages that it lacks."""

from services.workcenter.tests.unit.rendering import page

MISSING = [{"text": text, "language": language} for text in ("imprint", "terms") for language in ("de", "en")]


def test_a_text_that_lacks_in_both_languages_is_named_once():
    text = page("start.html", {"cards": [], "lacking": [{"name": "Nordlicht", "missing": MISSING}]}, "de")
    assert "AGB (Deutsch, English)" in text
    assert text.count("Impressum") == 1
