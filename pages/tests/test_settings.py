"""Where passwords and tokens may be sent."""

from pathlib import Path
from typing import Any

import pytest
from pages.settings import PageSettings
from pydantic import ValidationError


class Shop(PageSettings):
    """Where a shop finds its catalogue."""

    catalog_url: str = ""


GIVEN: dict[str, Any] = {
    "database_url": "postgresql://shop@localhost/shop",
    "kafka_bootstrap_servers": "localhost:9092",
    "accounts_url": "https://accounts.example",
    "public_url": "https://shop.example",
    "service_secret_file": Path("/secrets/shop"),
    "orders_url": "https://orders.example/",
}


def read(**changed: Any) -> Shop:
    return Shop(**(GIVEN | changed))


@pytest.mark.parametrize("url", ["https://catalog.example", "http://127.0.0.1:8080", "http://localhost:1", ""])
def test_over_tls_or_on_this_machine_services_are_asked(url: str):
    settings = read(catalog_url=url)
    assert settings.addresses["catalog"] == url
    assert settings.addresses["orders"] == "https://orders.example"


@pytest.mark.parametrize("url", ["http://catalog.example", "http://10.0.0.1", "catalog.example", "ftp://x", "http://["])
def test_beyond_it_without_tls_nothing_is_sent_and_the_address_is_not_repeated(url: str):
    with pytest.raises(ValidationError) as refused:
        read(catalog_url=url)
    assert url not in str(refused.value)


def test_where_the_operator_allows_it_services_are_asked_in_clear():
    settings = read(http_in_clear=True, catalog_url="http://catalog:8080")
    assert settings.addresses["catalog"] == "http://catalog:8080"
