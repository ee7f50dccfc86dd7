"""Until when a transfer is waited for: bank days of TARGET, the system in which euros are booked."""

from datetime import datetime

import holidays
import pytest
from orders.domain.bank_days import BankDays


@pytest.mark.parametrize(
    ("last_day", "count", "end"),
    [
        ("2026-11-25T10:00+01:00", 2, "2026-11-28T00:00+01:00"),  # from Wednesday to Friday
        ("2026-11-27T23:59+01:00", 2, "2026-12-02T00:00+01:00"),  # over a weekend
        ("2026-11-28T10:00+01:00", 2, "2026-12-03T00:00+01:00"),  # from a Saturday, which counts as Monday
        ("2026-11-27T23:30+00:00", 1, "2026-12-02T00:00+01:00"),  # it is Saturday in Berlin already
        ("2026-12-24T10:00+01:00", 2, "2026-12-30T00:00+01:00"),  # Christmas Eve is open, Christmas is not
        ("2026-04-02T10:00+02:00", 1, "2026-04-08T00:00+02:00"),  # over Good Friday and Easter Monday
        ("2026-04-30T10:00+02:00", 1, "2026-05-05T00:00+02:00"),  # over the first of May
        ("2026-05-13T10:00+02:00", 1, "2026-05-15T00:00+02:00"),  # a holiday of Germany alone is a bank day
        ("2026-10-23T10:00+02:00", 1, "2026-10-27T00:00+01:00"),  # over the end of summer time
        ("2026-11-25T10:00+01:00", 0, "2026-11-26T00:00+01:00"),
    ],
)
def test_the_statement_of_the_last_day_is_waited_for(last_day: str, count: int, end: str):  # PAY-6
    bank = BankDays("Europe/Berlin", holidays.financial_holidays("ECB").__contains__)
    assert bank.end(datetime.fromisoformat(last_day), count) == datetime.fromisoformat(end)
