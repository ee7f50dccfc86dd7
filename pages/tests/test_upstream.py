"""How the services are asked."""

from typing import Any

from pages.upstream import Upstream
from pages.visit import Visit

VISIT = Visit("secret", False, "de", "192.0.2.7", "/")


def test_whoever_trusts_so_many_proxies_is_told_the_visitors_address():
    for proxies, named in ((0, "192.0.2.7"), (1, "192.0.2.7"), (2, "192.0.2.7, 192.0.2.7")):
        upstream: Any = Upstream({}, trusted_proxies=proxies)
        headers = upstream._headers(VISIT, None)
        assert headers["X-Forwarded-For"] == named
        assert "Authorization" not in headers
