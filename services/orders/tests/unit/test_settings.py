"""What orders makes of its environment."""

from typing import Any

import pytest
from orders.settings import Settings
from pydantic import ValidationError

KNOWN: dict[str, Any] = {
    **dict.fromkeys(("kafka_bootstrap_servers", "accounts_url", "public_url", "service_secret_file"), "x"),
    "database_url": "postgresql://x",
}


def test_who_may_still_send_back_goods_that_arrived_late_can_be_reached():
    assert Settings(**KNOWN, claim_window_days=28).claim_window.days == 28
    with pytest.raises(ValidationError, match="28"):
        Settings(**KNOWN, claim_window_days=27)
