"""A cursor is an opaque text that stands in an address as it is."""

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from chassis.web.paging import Page, cursor, listing
from chassis.web.problems import Problem
from pydantic import ValidationError

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


def test_a_page_is_read_as_its_description_says():
    assert Page.model_validate_strings({"limit": "500"}) == Page(limit=500)
    for text in ("05", "5_0", "+5", "5.0"):
        with pytest.raises(ValidationError):
            Page.model_validate_strings({"limit": text})


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-11-02T09:00:00"])
def test_a_position_that_no_table_can_hold_is_refused(moment: str):
    with pytest.raises(Problem) as refused:
        Page(cursor=cursor(moment, uuid4(), "")).after(Position)
    assert refused.value.kind == "bad-cursor"
