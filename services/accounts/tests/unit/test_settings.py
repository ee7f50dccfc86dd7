"""What stands in the environment."""

from typing import Any

import pytest
from accounts.settings import Settings
from pydantic import ValidationError

NEEDED: dict[str, Any] = {
    "database_url": "postgresql://x",
    "kafka_bootstrap_servers": "x",
    "accounts_url": "x",
    "service_secret_file": "x",
    "public_url": "https://api.example",
    "master_key_file": "x",
}


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ({}, True),
        ({"staff_second_factor": "optional"}, False),
        ({"public_url": "http://127.0.0.1:8080"}, False),
        ({"public_url": "http://localhost", "staff_second_factor": "required"}, True),
    ],
)
def test_staff_need_a_second_factor_unless_this_is_one_machine_or_it_is_set(given: dict[str, Any], needed: bool):
    assert Settings(**NEEDED | given).staff_need_second_factor is needed


@pytest.mark.parametrize(
    ("origins", "hosts"),
    [
        ("", ()),
        ("https://work.example", ("work.example",)),
        ("http://localhost:8112, http://127.0.0.1:8112/", ("localhost:8112", "127.0.0.1:8112")),
        ("http://work.example", None),
        ("https://work.example/desk", None),
        ("work.example", None),
        ("https://a.example,ftp://localhost", None),
    ],
)
def test_staff_are_led_back_to_origins_that_are_safe(origins: str, hosts: tuple[str, ...] | None):
    if hosts is None:
        with pytest.raises(ValidationError):
            Settings(**NEEDED, workcenter_origins=origins)
        return
    workcenter = Settings(**NEEDED, workcenter_origins=origins).workcenter
    assert workcenter.hosts == hosts
    assert (workcenter.client("workcenter:kontor") is None) == (hosts == ())


@pytest.mark.parametrize(
    ("given", "domain", "origins"),
    [
        ({}, "api.example", ("https://api.example",)),
        ({"storefront_url": "https://shop.example/de/"}, "shop.example", ("https://shop.example",)),
        (
            {"passkey_origins": "https://shop.example, https://work.shop.example:8443/"},
            "shop.example",
            ("https://shop.example", "https://work.shop.example:8443"),
        ),
        (
            {"passkey_origins": "https://a.house.example", "relying_party_id": "house.example"},
            "house.example",
            ("https://a.house.example",),
        ),
        ({"passkey_origins": "https://shop.example,https://other.example"}, None, ()),
        ({"passkey_origins": "https://evilhouse.example", "relying_party_id": "house.example"}, None, ()),
    ],
)
def test_passkeys_belong_to_the_storefront_if_nothing_else_is_set(
    given: dict[str, Any], domain: str | None, origins: tuple[str, ...]
):
    if domain is None:
        with pytest.raises(ValidationError):
            Settings(**NEEDED, **given)
        return
    settings = Settings(**NEEDED, **given)
    assert (settings.relying_party, settings.page_origins) == (domain, origins)
