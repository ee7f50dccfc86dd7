"""How many codes a mailbox gets in a day."""

from datetime import UTC, datetime, timedelta

import pytest
from accounts.domain.mailbox import Letters, site_of, wait

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
OLDEST, HERE = NOW - timedelta(hours=23), NOW - timedelta(hours=20)


@pytest.mark.parametrize(
    ("counts", "hours"),
    [
        ((0, 0, 0), 0),
        ((4, 1, 4), 0),
        ((5, 1, 5), 4),  # this site has had its share
        ((25, 14, 0), 0),  # whatever others have asked for, a new site gets one
        ((29, 15, 0), 1),
        ((19, 5, 1), 0),
        ((20, 5, 1), 1),  # all others have asked for so many
    ],
)
def test_each_site_has_a_share_and_its_first_letter_is_counted_apart(counts: tuple[int, int, int], hours: int):
    assert wait(Letters(*counts, OLDEST, HERE), 5, NOW) == timedelta(hours=hours)


def test_a_line_of_ipv6_is_one_site():
    assert site_of("2001:db8:7:1::/64") == site_of("2001:db8:7:ffff::/64") == "2001:db8:7::/48"
    assert [site_of(one) for one in ("192.0.2.7", "no address")] == ["192.0.2.7", "no address"]
