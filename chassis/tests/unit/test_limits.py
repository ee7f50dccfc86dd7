"""One client is one client, however many addresses its network has."""

import pytest
from chassis.web.limits import Limiter, Rate, network_of


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
    assert limiter.wait(network_of(first)) == 0
    assert (limiter.wait(network_of(second)) > 0) is shared


def test_whether_a_call_is_left_is_asked_without_taking_it():
    limiter = Limiter(Rate(1, 3600))
    assert limiter.left("a") == limiter.left("a") == limiter.wait("a") == 0
    assert limiter.left("a") > 3500
    assert limiter.wait("a") > 3500
    assert limiter.left("b") == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("192.0.2.7:50123", "192.0.2.7"),
        ("[2001:db8:1:2::5]:443", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::5]", "2001:db8:1:2::/64"),
        ("[::ffff:192.0.2.7]:1", "192.0.2.7"),
        ("no address", "no address"),
    ],
)
def test_addresses_that_cost_nothing_are_one_network(address: str, network: str):
    assert network_of(address) == network
