from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from delivery.domain.files import File
from delivery.domain.grants import FileUse, Grant, Line, LinkExpired, LinkRevoked, Verdict, valid_until
from delivery.domain.orders import Order
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
UNITS = [uuid4() for _ in range(3)]
ORDER = Order("kontor", uuid4(), "direct", "DE", "kontor", "K-1", NOW, uuid4(), "de", "{}")
FILE = File(uuid4(), "SKU", "1", "setup.exe", "application/zip", 1, "0" * 64, NOW)


def line(*live: UUID, after: timedelta = timedelta(), files: bool = True, grant: Grant | None = None) -> Line:
    released = [FILE] if files else []
    return Line(
        ORDER, uuid4(), "SKU", "Vista", frozenset(live), NOW + after, released, 30, 5, waiting=False, grant=grant
    )


def granted(*units: UUID, reason: str | None = None) -> Grant:
    return Grant(
        uuid4(),
        uuid4(),
        "SKU",
        frozenset(units),
        b"",
        "sealed",
        granted_at=NOW,
        valid_until=NOW + 30 * SECOND,
        download_limit=5,
        revoked_at=NOW if reason else None,
        reason=reason,
    )


def test_a_link_lives_until_before_its_end_to_the_second():  # DEL-4 E27
    grant = granted(*UNITS)
    grant.check(NOW + 30 * SECOND - timedelta(microseconds=1))
    with pytest.raises(LinkExpired):
        grant.check(NOW + 30 * SECOND)


def test_a_revoked_link_is_revoked_even_when_it_has_expired():
    with pytest.raises(LinkRevoked):
        granted(*UNITS, reason="refunded").check(NOW + 99 * SECOND)


@given(st.sets(st.sampled_from(UNITS)), st.integers(-5, 5), st.booleans())
def test_only_a_paid_line_whose_time_and_files_have_come_is_granted(live: set[UUID], after: int, files: bool):  # DEL-2
    verdict = line(*live, after=after * SECOND, files=files).verdict(NOW)
    assert (verdict is Verdict.GRANT) == (bool(live) and after <= 0 and files)
    assert (verdict is Verdict.NOTHING) == (not live)


def test_F_D04_a_line_that_has_a_unit_left_keeps_its_link():
    assert line(UNITS[0], grant=granted(*UNITS)).verdict(NOW) is Verdict.SHRINK
    assert line(grant=granted(*UNITS)).verdict(NOW) is Verdict.REVOKE
    assert line(grant=granted(*UNITS, reason="refunded")).verdict(NOW) is Verdict.NOTHING


def test_another_paid_unit_is_published_and_brings_a_refunded_link_back():
    assert line(*UNITS, grant=granted(UNITS[0])).verdict(NOW) is Verdict.EXTEND
    assert line(UNITS[1], grant=granted(UNITS[0], reason="refunded")).verdict(NOW) is Verdict.EXTEND
    assert line(*UNITS, grant=granted(*UNITS)).verdict(NOW) is Verdict.NOTHING


@pytest.mark.parametrize(("used", "limit"), [((5, 5), 10), ((5, 0), 10), ((7, 1), 12), ((4, 4), 5), ((), 5)])
def test_who_pays_for_more_has_downloads_of_every_file(used: tuple[int, ...], limit: int):  # E26
    before = granted(UNITS[0])
    uses = [FileUse(FILE, number, None) for number in used]
    assert line(*UNITS, grant=before).changed(before, Verdict.EXTEND, NOW, uses).download_limit == limit


def test_what_was_paid_later_waits_where_the_link_has_no_file_any_more():
    assert line(*UNITS, files=False, grant=granted(UNITS[0])).verdict(NOW) is Verdict.WAIT


def test_what_staff_has_taken_back_stays_taken_back():
    assert line(*UNITS, grant=granted(UNITS[0], reason="staff")).verdict(NOW) is Verdict.NOTHING


def test_a_link_is_valid_from_its_release_and_never_gets_shorter():  # E9
    assert valid_until(NOW, 30) == NOW + timedelta(days=30)
    later = NOW + timedelta(days=90)
    assert valid_until(NOW, 30, later) == later
