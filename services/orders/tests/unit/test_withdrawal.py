from datetime import UTC, date, datetime

import pytest
from orders.domain.withdrawal import ConsentIncomplete, deliver_from, period_end

END = datetime(2026, 11, 17, tzinfo=UTC)


def no_holiday(_: date) -> bool:
    return False


def test_the_period_ends_with_the_fourteenth_day_in_local_time():  # ORD-7
    contract = datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert period_end(contract, "Europe/Berlin", no_holiday) == datetime(2026, 11, 16, 23, tzinfo=UTC)


def test_a_contract_after_local_midnight_counts_from_the_new_day():
    contract = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
    assert period_end(contract, "Europe/Berlin", no_holiday) == datetime(2026, 11, 17, 23, tzinfo=UTC)


def test_a_period_that_would_end_at_a_weekend_or_holiday_ends_with_the_next_working_day():
    on_saturday = datetime(2026, 11, 7, 9, tzinfo=UTC)
    assert period_end(on_saturday, "Europe/Berlin", no_holiday) == datetime(2026, 11, 23, 23, tzinfo=UTC)
    monday = date(2026, 11, 23)
    assert period_end(on_saturday, "Europe/Berlin", lambda day: day == monday) == datetime(2026, 11, 24, 23, tzinfo=UTC)


def test_summer_time_moves_the_end():
    contract = datetime(2026, 3, 20, 9, tzinfo=UTC)
    assert period_end(contract, "Europe/Berlin", no_holiday) == datetime(2026, 4, 3, 22, tzinfo=UTC)


def test_both_consents_release_at_once_none_waits_one_is_refused():
    both = frozenset({"immediate_delivery", "withdrawal_lost"})
    assert deliver_from("consumer", both, END) is None
    assert deliver_from("consumer", frozenset(), END) == END
    with pytest.raises(ConsentIncomplete):
        deliver_from("consumer", frozenset({"immediate_delivery"}), END)


def test_a_business_does_not_wait():
    assert deliver_from("business", frozenset(), END) is None
