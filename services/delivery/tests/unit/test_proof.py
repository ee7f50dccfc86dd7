"""What it proves that bytes have arrived follows from the settings, and from all connections of a download."""

from pathlib import Path
from typing import Any

import pytest
from delivery.domain.sessions import Proof
from delivery.settings import Settings

NEEDED: dict[str, Any] = {
    "database_url": "postgresql://x",
    "kafka_bootstrap_servers": "x",
    "accounts_url": "x",
    "public_url": "x",
    "service_secret_file": Path("x"),
    "storage_url": "file:///x",
}


@pytest.mark.parametrize(
    ("proxies", "behind", "proof"),
    [(0, None, "acknowledged"), (1, None, "proxy"), (0, True, "proxy"), (1, False, "acknowledged")],
)
def test_behind_a_proxy_only_its_receipt_is_proven(proxies: int, behind: bool | None, proof: str):
    settings = Settings(**NEEDED, trusted_proxies=proxies, behind_proxy=behind)
    assert settings.proof is Proof(proof)


@pytest.mark.parametrize(
    ("before", "now", "proof"),
    [
        (None, "acknowledged", "acknowledged"),
        (None, "proxy", "proxy"),
        ("acknowledged", "acknowledged", "acknowledged"),
        ("acknowledged", "proxy", "proxy"),
        ("proxy", "acknowledged", "proxy"),
    ],
)
def test_a_download_proves_no_more_than_each_of_its_connections(before: str | None, now: str, proof: str):
    assert Proof(now).weaker(None if before is None else Proof(before)) is Proof(proof)
