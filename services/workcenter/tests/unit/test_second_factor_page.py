"""The page of the second factor demands it only of whoever must have one."""

from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from pages.sessions import Sessions
from pages.site import Site
from pages.visit import Session, Visit


@pytest.mark.parametrize(("must", "there"), [(True, "To work here you need"), (False, "but need not")])
def test_it_follows_what_is_demanded(must: bool, there: str):
    session = Session("kontor", "me", "Chris", ("sales",), "token", must_enrol=must)
    visit = Visit("v" * 43, False, "en", "127.0.0.1", "/", session)
    site = Site("workcenter", cast("Sessions", None), "http://x", ZoneInfo("Europe/Berlin"), 0, ("workcenter",))
    facts: dict[str, Any] = {"known": {"enrolled": False}, "device": None, "codes": None, "refusal": "", "note": ""}
    around: dict[str, Any] = {
        "site_name": "Work Center",
        "parts_seen": (),
        "part_here": "",
        "place": "/second-factor",
        "has": bool,
    }
    text = site.page(visit, "second-factor.html", **around, **facts, most_sorted=200).text
    assert text is not None
    assert there in text
