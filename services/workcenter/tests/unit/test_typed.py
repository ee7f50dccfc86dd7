"""What people type: amounts, periods, and what they look for."""

from contextlib import suppress
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workcenter.domain.amounts import AmountUnreadable, minor_units
from workcenter.domain.period import bounds, period
from workcenter.domain.sought import Kind, as_written, ending, key_end, kinds, numbers

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("typed", "decimals", "amount"),
    [
        ("49,90", 2, 4990),
        ("49.90", 2, 4990),
        ("49,9", 2, 4990),
        ("49", 2, 4900),
        (" 1.299,90 ", 2, 129990),
        ("1,299.90", 2, 129990),
        ("1 299,90", 2, 129990),
        ("1.299.000", 2, 129900000),
        ("1299", 0, 1299),
        ("1,299", 3, 1299),
        ("0,05", 2, 5),
    ],
)
def test_amounts_are_read_as_people_write_them(typed: str, decimals: int, amount: int):
    assert minor_units(typed, decimals) == amount


@pytest.mark.parametrize(
    "typed", ["", "-5", "abc", "1,2,3", "49,901", "1.299", "12.34.56", "4,999,9", ",5", "5,", "1e3", "٣"]
)
def test_what_is_no_amount_is_refused(typed: str):
    with pytest.raises(AmountUnreadable):
        minor_units(typed, 2)


@given(st.integers(0, 999_999_999_999))
def test_an_amount_with_cents_is_read_back(amount: int):
    assert minor_units(f"{amount // 100},{amount % 100:02d}", 2) == amount


@given(st.text(max_size=12), st.sampled_from([0, 2, 3]))
def test_any_text_is_an_amount_or_refused(typed: str, decimals: int):
    with suppress(AmountUnreadable):
        assert minor_units(typed, decimals) >= 0


def test_a_period_has_both_days():
    asked = period("2026-10-25", "2026-10-25", TODAY)
    assert asked.bounds(ZoneInfo("Europe/Berlin")) == ("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00")


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("", "", date(2026, 10, 31), TODAY),
        ("nonsense", "", date(2026, 10, 31), TODAY),
        ("2026-11-20", "2026-11-10", date(2026, 11, 10), date(2026, 11, 20)),
        ("", "2026-01-30", date(2026, 1, 1), date(2026, 1, 30)),
        ("0001-01-01", "9999-12-31", date(1970, 1, 1), date(9998, 12, 31)),
        ("", "0001-01-02", date(1969, 12, 3), date(1970, 1, 1)),
    ],
)
def test_a_period_is_the_last_thirty_days_where_no_other_is_named(since: str, until: str, first: date, last: date):
    asked = period(since, until, TODAY)
    assert (asked.first, asked.last) == (first, last)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("01a2291b-3770-7074-8f8c-34ef37e5596f", [Kind.ID]),
        ("erika@example.org", [Kind.EMAIL]),
        ("K-2026-000004", [Kind.NUMBER, Kind.SKU, Kind.NAME]),
        ("VISTA-HP-ESD", [Kind.SKU, Kind.NAME]),
        ("Erika Musterfrau", [Kind.NAME]),
    ],
)
def test_what_is_sought_is_known_by_how_it_is_written(text: str, found: list[Kind]):
    assert kinds(text) == found


@pytest.mark.parametrize(
    ("typed", "skus", "meant"),
    [
        ("office-pro-esd", ["OFFICE-PRO-ESD", "WORKS-9-ESD"], "OFFICE-PRO-ESD"),
        ("OFFICE-PRO-ESD", ["office-pro-esd", "OFFICE-PRO-ESD"], "OFFICE-PRO-ESD"),
        ("office-pro-esd", ["office-pro-esd", "OFFICE-PRO-ESD"], "office-pro-esd"),
        ("OFFICE", ["OFFICE-PRO-ESD"], None),
        ("", ["A"], None),
    ],
)
def test_an_article_is_meant_in_capitals_or_not_and_never_another(typed: str, skus: list[str], meant: str | None):
    assert as_written(typed, skus) == meant


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("K-2027-000007", "K-2027-000007"),
        ("k-2027-000007", "K-2027-000007"),
        ("2027-000007", "K-2027-000007"),
        (" 2027-7 ", "K-2027-000007"),
        ("RF72K2027000006", "K-2027-000006"),
        ("rf72 K202 7000 006", "K-2027-000006"),
        ("X-77", "X-77"),
    ],
)
def test_an_order_is_sought_by_its_number_however_it_is_named(typed: str, sought: str):
    assert numbers(typed)[0] == sought


@pytest.mark.parametrize("typed", ["RF72K2027000006", "RF72 K202 7000 006", "2027-7", "K-2027-000007"])
def test_what_names_an_order_is_sought_as_one(typed: str):
    assert Kind.NUMBER in kinds(typed)


def test_days_are_bounds_where_they_are_named_and_are_days():
    berlin = ZoneInfo("Europe/Berlin")
    found = bounds("2026-03-29", "2026-03-29", berlin)
    assert (found.since, found.until) == ("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00")
    assert (bounds("", "yesterday", berlin).since, bounds("", "yesterday", berlin).until) == ("", "")


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("000007", "000007"),
        ("007", "007"),
        (" 00 07 ", "0007"),
        ("07", None),
        ("K-7", None),
        ("0" * 13, None),
        ("٣٣٣", None),
    ],
)
def test_the_end_of_a_number_is_three_digits_at_least(typed: str, digits: str | None):
    assert ending(typed) == digits


@pytest.mark.parametrize(
    ("typed", "end"),
    [
        ("X4N2", "X4N2"),
        ("…x4n2", "x4n2"),
        ("OSTD-45JS38-RP4SQ3-J2ZQ33-HZX4N2", "X4N2"),
        ("HZX-4N2", "X4N2"),
        ("WXYZ", "WXYZ"),
        ("2027", "2027"),
        ("Erika", None),
        ("X4N", None),
        ("X4 N2", None),
        ("a@b.de1", None),
    ],
)
def test_the_end_of_a_key_has_four_characters_and_is_no_word(typed: str, end: str | None):
    assert key_end(typed) == end
