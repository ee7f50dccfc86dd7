"""A refund as its customer reads it: on its way, which way and until when, or back since a day."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

# within which money goes back after a withdrawal (BGB 357 (1))
LATEST: Final = timedelta(days=14)


def followed(
    refunds: Sequence[Mapping[str, Any]],
    bookings: Sequence[Mapping[str, Any]],
    withdrawals: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return refunds that orders has decided, with what payments knows of their money.

    `coming` is the way that the money still has to go, empty where it is back or where nobody knows; `back_at` is when
    it went, `due_at` until when it must, which only a withdrawal sets.
    """
    known = {one["booking"]: one for one in bookings}
    return [_followed(one, known.get(one["refund"]), withdrawals) for one in refunds]


def _followed(
    refund: Mapping[str, Any], booking: Mapping[str, Any] | None, withdrawals: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    coming = booking["way"] if booking and booking["state"] not in ("done", "refused") else ""
    due = _declared_at(refund, withdrawals) if coming and refund["reason"] == "withdrawal" else None
    return {
        **refund,
        "coming": coming,
        "back_at": booking["done_at"] if booking else None,
        "due_at": (due + LATEST).isoformat() if due else None,
    }


def _declared_at(refund: Mapping[str, Any], withdrawals: Sequence[Mapping[str, Any]]) -> datetime:
    """Return when it was withdrawn; goods count from when they are back, which is when the refund is decided."""
    declared = [
        datetime.fromisoformat(one["declared_at"])
        for one in withdrawals
        for line in one["lines"]
        if line["outcome"] == "taken_back" and set(line["units"]) & set(refund["units"])
    ]
    return min(declared, default=datetime.fromisoformat(refund["refunded_at"]))
