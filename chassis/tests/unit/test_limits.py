"""One client is one client, however many addresses its network has."""

import pytest
from chassis.web.limits import Limiter, Rate


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)
def test_a_limit_counts_networks(first: str, second: str, shared: bool):
    limiter = Limiter(Rate(1, 3600))
    assert limiter.wait(first) == 0
    assert (limiter.wait(second) > 0) is shared
