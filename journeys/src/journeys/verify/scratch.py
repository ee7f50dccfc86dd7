"""The scratch file: what was copied from the databases, from Kafka, from the spool and from the provider."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

IDS = {
    "allocation",
    "covered_by",
    "customer",
    "email",
    "grant_id",
    "intent",
    "key",
    "license",
    "line",
    "lot",
    "meeting",
    "member",
    "message_id",
    "order_id",
    "payment",
    "posting",
    "product",
    "provider_refund",
    "receipt",
    "redemption",
    "refund",
    "repayment",
    "sku",
    "unit",
}
MAKE = """
create table now (at real not null);
create table tenant (tenant text);
create table subscriptions (service text not null, topic text not null, primary key (service, topic));
create table offsets (service text, topic text, partition integer, committed integer, ends integer);
create table events (
  topic text not null,
  partition integer not null,
  record_offset integer not null,
  key text not null,
  source text not null,
  id text not null,
  tenant text,
  subject text,
  sequence integer,
  hash blob not null,
  line text,
  refund text,
  primary key (topic, partition, record_offset)
) without rowid;
create index events_identity on events (source, id);
create index events_id on events (id);
create index events_subject on events (topic, subject, id);
create index events_key on events (topic, key, source);
create table named (topic text not null, id text not null, unit text not null, primary key (topic, unit, id))
  without rowid;
create table unreadable (place text not null, reason text not null);
create table addresses (place text not null, address text not null);
create table inbox (service text not null, source text not null, id text not null, primary key (service, source, id))
  without rowid;
create table waiting (service text not null, place text not null, reason text not null);
create table letters (file text primary key, message_id text not null, digest blob not null);
create table provider_payments (intent text primary key, status text not null, received integer not null);
create table provider_refunds (provider_refund text primary key, intent text, amount integer, status text);
create table sources (name text primary key);
create table audit_faults (fault text not null);
"""


class Scratch:
    """The scratch file, an SQLite database."""

    def __init__(self, file: Path) -> None:
        file.unlink(missing_ok=True)
        self.file = file
        self.rows = sqlite3.connect(file, isolation_level=None)
        self.rows.execute("pragma journal_mode = off")
        self.rows.execute("pragma synchronous = off")
        self.rows.executescript(MAKE)

    def make(self, table: str, columns: Sequence[str]) -> None:
        """Create a table of these columns, with an index for each id among them."""
        self.rows.execute(f"create table {table} ({', '.join(columns)})")
        for column in columns:
            if column in IDS:
                self.rows.execute(f"create index {table}_by_{column} on {table} ({column})")

    def put(self, table: str, rows: Iterable[Sequence[Any]], width: int) -> None:
        """Add rows; rows that exist are kept."""
        marks = ", ".join("?" * width)
        self.rows.execute("begin")
        self.rows.executemany(f"insert or ignore into {table} values ({marks})", rows)
        self.rows.execute("commit")

    def analyze(self) -> None:
        """Collect statistics, so that queries are planned well."""
        self.rows.execute("analyze")

    def copy(self, file: Path) -> "Scratch":
        """Return another scratch file with the same content."""
        other = Scratch(file)
        other.rows.close()
        file.unlink()
        with closing(sqlite3.connect(file)) as target:
            self.rows.backup(target)
        other.rows = sqlite3.connect(file, isolation_level=None)
        return other

    def close(self) -> None:
        """Remove the file."""
        self.rows.close()
        self.file.unlink(missing_ok=True)
