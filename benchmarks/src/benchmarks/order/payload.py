"""The payload of OrderPlaced and the answer to the customer, as plain dictionaries."""

import base64
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from orders.domain.money import Taxed, shares, taxed
from uuid_utils.compat import uuid7

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
COPIED = ("sku", "name", "tax_class", "fulfilment", "key_source", "key_prefix", "keys_per")
ANSWERED = (
    *("seller", "customer", "organisation", "channel", "market", "customer_type", "language", "payment_method"),
    *("coupon", "ordered_at", "pay_until", "totals", "consents", "terms"),
)
SHOWN = (
    "line",
    "sku",
    "name",
    "price",
    "discount",
    "tax_rate",
    "net",
    "tax",
    "gross",
    "fulfilment",
    "deliver_from",
    "delivery_days",
)


def seal(text: str | None, key: UUID, public: bytes, kind: str) -> dict[str, str] | None:
    """Seal a text with a public key, as contracts do."""
    if text is None:
        return None
    info = b"kontor sealed 1\0" + key.bytes + kind.encode()
    box = SUITE.encrypt(text.encode(), X25519PublicKey.from_public_bytes(public), info=info)
    return {"key": str(key), "kind": kind, "box": base64.urlsafe_b64encode(box).decode()}


def line_of(offer: Any, quantity: int, price: int, rrp: int, release: datetime | None) -> dict[str, Any]:
    """Return a line before its taxes."""
    return {
        "line": str(uuid7()),
        "units": [str(uuid7()) for _ in range(quantity)],
        **{name: offer[name] for name in COPIED},
        "rrp": rrp,
        "price": price,
        "discount": 0,
        "tax_rate": offer["tax_rate"],
        "gross": price * quantity,
        "link_validity_days": offer["link_validity_days"],
        "download_limit": offer["download_limit"],
        "deliver_from": release if offer["fulfilment"] == "download" else None,
        "delivery_days": orjson.loads(offer["delivery_days"] or "null"),
    }


def with_taxes(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of an order with their taxes."""
    amounts = taxed([(line["gross"], line["tax_rate"]) for line in lines])
    return [line | amount.parts for line, amount in zip(lines, amounts, strict=True)]


def units_of(line: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the units of a line, each with its share of the amounts."""
    amount = Taxed(line["net"], line["tax"], line["gross"])
    return [
        {"line": line["line"], "unit": unit, "fulfilment": line["fulfilment"]}
        | {"net": share.net, "tax": share.tax, "gross": share.gross}
        for unit, share in zip(line["units"], shares(amount, len(line["units"])), strict=True)
    ]


def totals(lines: list[dict[str, Any]], currency: str) -> dict[str, Any]:
    """Return the sums of all lines."""
    return {name: sum(line[name] for line in lines) for name in ("net", "tax", "gross")} | {"currency": currency}


def answer(placed: dict[str, Any], units: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the answer to the customer."""
    lines = [
        {name: line[name] for name in SHOWN}
        | {
            "units": [
                {"unit": unit["unit"], "state": "open", "gross": unit["gross"]}
                | {"withdrawal_lost_at": None, "bounced_at": None, "refunded_at": None}
                for unit in units
                if unit["line"] == line["line"]
            ]
        }
        for line in placed["lines"]
    ]
    return {
        "order": placed["order"],
        "number": placed["order_number"],
        "state": "open",
        **{name: placed[name] for name in ANSWERED},
        "closed_at": None,
        "contact_until": None,
        "lines": lines,
    }
