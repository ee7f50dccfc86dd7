"""Pages made without a request, as a browser reads them."""

from typing import Any, cast
from zoneinfo import ZoneInfo

import html5lib
from pages.sessions import Sessions
from pages.site import Site
from pages.visit import Session, Visit
from workcenter.domain.roles import PARTS, STAFF, parts_of

Facts = dict[str, Any]


def page(template: str, facts: Facts, language: str) -> str:
    """A page as somebody with all roles sees it."""
    session = Session("kontor", "me", "Chris", tuple(STAFF), "token")
    visit = Visit("v" * 43, False, language, "127.0.0.1", "/", session)
    around: Facts = {
        "site_name": "Work Center",
        "has": bool,  # of any name
        "parts_seen": parts_of(STAFF, {part.service for part in PARTS}),
        "part_here": "",
        "place": "/",
        "most_sorted": 200,
        "note": "refused-unknown-kind",
    }
    site = Site("workcenter", cast("Sessions", None), "http://x", ZoneInfo("Europe/Berlin"), 0, ("workcenter",))
    text = site.page(visit, template, **around | facts).text
    assert text is not None
    return text


def assert_valid(template: str, facts: Facts, language: str) -> None:
    """Assert that a page is valid HTML and that what people have typed is no markup of it."""
    text = page(template, facts, language)
    parser: Any = html5lib.HTMLParser(strict=True)
    parser.parse(text)
    assert "<nobody>" not in text
    assert "<b>why" not in text
