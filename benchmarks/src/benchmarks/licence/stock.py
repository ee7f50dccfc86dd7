"""Keys that were sold, as licensing stores them, and keys as customers type them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice

import asyncpg
from licensing.domain.keys import forms, generate, tail
from licensing.usecases.vault import Vault
from uuid_utils.compat import uuid7

SKU = "OFFICE-PRO-ESD"
REVOKED_EACH = 10
COLUMNS = (
    *("tenant", "order_id", "id", "line_id", "position", "sku", "key_source", "key_prefix", "keys_per", "paid_at"),
    *(
        "paid_sequence",
        "release_at",
        "state",
        "license_id",
        "fingerprint",
        "tail",
        "license_key",
        "issued_at",
        "revoked_at",
    ),
)
# Of ten keys, seven are valid, one was never issued, one has a typing error, and one is revoked.
MIX = ("valid",) * 7 + ("revoked", "unknown", "mistyped")


@dataclass(frozen=True, slots=True)
class Key:
    """An issued key; every tenth is revoked."""

    text: str
    fingerprint: bytes
    revoked: bool


def keys(vault: Vault, count: int) -> list[Key]:
    """Return so many new keys."""
    texts = [generate("OPRO") for _ in range(count)]
    return [
        Key(text, vault.fingerprint(forms(text)[-1]), number % REVOKED_EACH == 0) for number, text in enumerate(texts)
    ]


async def store(database: str, issued: Sequence[Key]) -> None:
    """Store keys as if they had been sold, one in each order."""
    now = datetime.now(UTC)
    connection = await asyncpg.connect(database)
    try:
        await connection.copy_records_to_table("units", columns=COLUMNS, records=[_row(key, now) for key in issued])
    finally:
        await connection.close()


def mixed(issued: Sequence[Key], count: int) -> list[tuple[str, str]]:
    """Return so many keys as they are typed, spread over all that were issued, with their verdicts."""
    step = max(1, len(issued) // count)
    good, back = ([key.text for key in issued if key.revoked is revoked] for revoked in (False, True))
    supply = {"valid": cycle(good[::step]), "revoked": cycle(back)}
    return [(_typed(supply, verdict), verdict) for verdict in islice(cycle(MIX), count)]


def _typed(supply: dict[str, "cycle[str]"], verdict: str) -> str:
    if verdict == "unknown":
        return generate("OPRO")
    if verdict == "mistyped":
        text = next(supply["valid"])
        return text[:-1] + ("2" if text[-1] == "3" else "3")
    return next(supply[verdict]).lower()


def _row(key: Key, now: datetime) -> tuple[object, ...]:
    state = "revoked" if key.revoked else "issued"
    paid = ("kontor", uuid7(), uuid7(), uuid7(), 1, SKU, "generated", "OPRO", "unit", now, 1, now, state)
    return *paid, uuid7(), key.fingerprint, tail(key.text), "sealed", now, now if key.revoked else None
