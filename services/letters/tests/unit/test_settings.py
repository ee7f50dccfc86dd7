"""What letters makes of its environment."""

from typing import Any

import pytest
from letters.settings import Settings
from pydantic import ValidationError

KNOWN: dict[str, Any] = {
    **dict.fromkeys(("kafka_bootstrap_servers", "accounts_url", "public_url", "delivery_url"), "x"),
    "database_url": "postgresql://x",
    "service_secret_file": "x",
    "smtp_host": "mail.example",
    "mail_from": "shop@example.org",
}


def test_a_password_is_not_sent_in_clear():
    assert Settings(**KNOWN, smtp_user="shop").smtp_user == "shop"
    with pytest.raises(ValidationError, match="in clear"):
        Settings(**KNOWN, smtp_user="shop", smtp_tls="none")
