"""What stands in the environment."""

from typing import Any

import pytest
from accounts.settings import Settings
from pydantic import ValidationError


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
    needed: dict[str, Any] = {
        "database_url": "x",
        "kafka_bootstrap_servers": "x",
        "accounts_url": "x",
        "service_secret_file": "x",
    }
    needed |= {"public_url": "https://api.example", "master_key_file": "x"}
    if domain is None:
        with pytest.raises(ValidationError):
            Settings(**needed, **given)
        return
    settings = Settings(**needed, **given)
    assert (settings.relying_party, settings.origins) == (domain, origins)
