"""How long what people write is kept (MAIL-19)."""

from datetime import UTC, datetime, timedelta

import pytest
from mail_relay.domain.retention import Retention

KEPT = Retention(letters_years=6, first_contacts=timedelta(days=365), refused=timedelta(days=90), index_years=10)


@pytest.mark.parametrize(
    ("received", "now", "over"),
    [
        # the time begins with the end of the calendar year in which a letter was received (HGB 257 (5))
        (datetime(2020, 1, 2, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC), False),
        (datetime(2020, 1, 2, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), True),
        (datetime(2020, 12, 30, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), True),
        # in Berlin it was 2021 already
        (datetime(2020, 12, 31, 23, 30, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC), False),
        (datetime(2021, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC), False),
    ],
)
def test_MAIL_19_letters_are_kept_for_six_calendar_years(received: datetime, now: datetime, *, over: bool):
    assert (received < KEPT.letters_before(now)) is over


def test_the_29th_of_february_is_a_day_like_others():
    assert KEPT.index_before(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2017, 12, 31, tzinfo=UTC)
