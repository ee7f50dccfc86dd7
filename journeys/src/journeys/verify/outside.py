"""Read what the doubles of the outside world have: the mail catcher's spool and the provider's books."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from journeys.verify.scratch import Scratch

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
# what the catcher writes above an e-mail ends with its Received line
OWN_HEAD = re.compile(rb"\A(?:[^\r\n]*\r\n)*?Received: [^\r\n]*\r\n")

FACTS = """
select body
from facts
where kind = ?
"""


def read_spool(home: Path, scratch: Scratch) -> None:
    """Copy the Message-ID and the digest of each e-mail that the mail catcher has taken."""
    directory = home / "mail"
    if not directory.is_dir():
        return
    scratch.put("sources", [("spool",)], 1)
    scratch.put("letters", (_letter(file) for file in sorted(directory.glob("*.eml"))), 3)


def _letter(file: Path) -> tuple[str, str, bytes]:
    letter = OWN_HEAD.sub(b"", file.read_bytes(), count=1)
    head = letter.split(b"\r\n\r\n", 1)[0]
    found = MESSAGE_ID.search(head)
    return file.stem, found[1].decode("ascii", "replace") if found else "", hashlib.blake2b(letter).digest()


def read_provider(home: Path, scratch: Scratch) -> None:
    """Copy what the provider's double has captured and paid back."""
    file = home / "provider" / "state.json"
    if not file.exists():
        return
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as books:
        scratch.put("sources", [("provider",)], 1)
        scratch.put("provider_payments", _payments(books), 3)
        scratch.put("provider_refunds", _refunds(books), 4)


def undelivered(home: Path) -> int:
    """Return how many of the provider's webhooks are still under way."""
    file = home / "provider" / "state.json"
    if not file.exists():
        return 0
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as books:
        return sum(fact["status"] == "pending" for fact in _facts(books, "_delivery"))


def _payments(books: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    for fact in _facts(books, "payment_intent"):
        yield fact["id"], fact["status"], fact["amount_received"]


def _refunds(books: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    for fact in _facts(books, "refund"):
        yield fact["id"], fact["payment_intent"], fact["amount"], fact["status"]


def _facts(books: sqlite3.Connection, kind: str) -> Iterator[dict[str, Any]]:
    for (body,) in books.execute(FACTS, (kind,)):
        yield json.loads(body)
