"""A cursor is an opaque text that stands in an address as it is."""

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from chassis.web.paging import Page, listing
from chassis.web.problems import Problem

Position = tuple[datetime, UUID, str]


def test_a_position_of_any_content_comes_back_through_an_address():
    for text in ("", "?>~\xff", "Größe 🔑", "a/b+c=d&e", "x" * 40):
        position = (datetime(2026, 11, 2, 9, tzinfo=UTC), uuid4(), text)
        page = listing([position, position], Page(limit=1), lambda row: row, lambda row: row)
        assert page.next is not None
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,200}", page.next)
        assert Page(cursor=page.next).after(Position) == position


@pytest.mark.parametrize("cursor", ["", "x", "!", "bnVsbA", "W10", "ä", "W10=W10="])
def test_what_is_no_cursor_is_refused(cursor: str):
    with pytest.raises(Problem) as refused:
        Page(cursor=cursor).after(Position)
    assert (refused.value.status, refused.value.kind) == (400, "bad-cursor")
