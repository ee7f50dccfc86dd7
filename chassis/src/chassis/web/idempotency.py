"""A POST that creates takes effect once for its Idempotency-Key; kept 24 hours.

The scope of a key is tenant, subject, method and path. Stored are status and ids, never a body; the answer is rendered
again. Same body: same answer; another body: 422; still in flight: 409. Errors are not stored. A claim ends after a
minute, or with the database session of the process that made it: a killed one cannot end it.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from chassis.db.once import Once
from chassis.db.transaction import Read, Tx
from chassis.web.problems import Problem

KEPT = timedelta(hours=24)
LEASE_SECONDS = 60
FORM = re.compile(r"[\x21-\x7e]{1,200}")
PURPOSE = b"kontor idempotency 1"

CLAIM = """
with turn as (
  select pg_try_advisory_xact_lock(
    hashtextextended(concat_ws(chr(10), $1::text, $2::text, $3::text, $4::text, $5::text), 0)
  ) as mine
)
insert into chassis.idempotency (tenant, subject, method, path, key, body_hash, claimed_until, session, created_at)
select $1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7), pg_backend_pid(), $8
from turn
where mine
on conflict (tenant, subject, method, path, key) do update
set claimed_until = excluded.claimed_until,
    session = excluded.session
where chassis.idempotency.status is null
  and (
    chassis.idempotency.claimed_until < clock_timestamp()
    or chassis.idempotency.session is not null
    and not exists (select from pg_stat_activity where pid = chassis.idempotency.session)
  )
  and chassis.idempotency.body_hash = excluded.body_hash
returning claimed_until
"""

STORED = """
select body_hash, status, ids
from chassis.idempotency
where tenant = $1
  and subject = $2
  and method = $3
  and path = $4
  and key = $5
"""

SETTLE = """
update chassis.idempotency
set status = $6, ids = $7
where tenant = $1
  and subject = $2
  and method = $3
  and path = $4
  and key = $5
  and claimed_until = $8
"""

FREE = """
delete from chassis.idempotency
where tenant = $1
  and subject = $2
  and method = $3
  and path = $4
  and key = $5
  and status is null
  and claimed_until = $6
"""

SWEEP = """
delete from chassis.idempotency
where created_at < $1
"""

IN_FLIGHT = Problem(
    409, "in-flight", "A request with this Idempotency-Key is still being answered.", {"Retry-After": "1"}
)
OTHER_BODY = Problem(422, "idempotency-key-reused", "This Idempotency-Key was used with another request body.")
KEY_MISSING = Problem(400, "idempotency-key-missing", "Send one Idempotency-Key header of 1 to 200 visible characters.")


@dataclass(slots=True)
class Attempt:
    """One request under an idempotency key; `until` names its turn, so that it ends its own and nobody else's.

    `older` is the same request as it would have been kept under other secrets of the service, while they are exchanged.
    """

    tenant: str
    subject: str
    method: str
    path: str
    key: str
    body_hash: bytes
    until: datetime | None = None
    older: "tuple[Attempt, ...]" = ()

    @property
    def scope(self) -> tuple[str, str, str, str, str]:
        """Where the key counts."""
        return self.tenant, self.subject, self.method, self.path, self.key

    async def claim(self, write: Tx | Once, read: Read) -> dict[str, Any] | None:
        """Claim the key by one statement; returns the ids of an earlier success where there was one.

        Raises IN_FLIGHT or OTHER_BODY.
        """
        for one in self.older:
            if (ids := await one._known(read)) is not None:
                return ids
        self.until = await write.value(CLAIM, *self.scope, self.body_hash, LEASE_SECONDS, write.now)
        if self.until is not None:
            return None
        if (ids := await self._known(read)) is None:
            raise IN_FLIGHT
        return ids

    async def _known(self, read: Read) -> dict[str, Any] | None:
        row = await read.row(STORED, *self.scope)
        if row is None:
            return None
        if not hmac.compare_digest(row["body_hash"], self.body_hash):
            raise OTHER_BODY
        if row["status"] is None:
            raise IN_FLIGHT
        return orjson.loads(row["ids"])

    async def settle(self, write: Tx | Once, status: int, ids: dict[str, Any]) -> None:
        """Keep the outcome for repetitions."""
        await write.value(SETTLE, *self.scope, status, orjson.dumps(ids, default=str).decode(), self.until)

    async def free(self, write: Tx | Once) -> None:
        """Let the client try again: errors are not stored."""
        await write.value(FREE, *self.scope, self.until)


def hmac_key(service_secret: str) -> bytes:
    """Return the key of the HMACs of this file: made from the service's secret, which it does not tell of."""
    return hmac.new(service_secret.encode(), PURPOSE, hashlib.sha256).digest()


def anonymous(address: str, key: bytes) -> str:
    """Return the subject of an anonymous caller: an HMAC of the network address, which is personal data."""
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()


def attempt(
    sent: Sequence[str],
    tenant: str,
    subject: Callable[[bytes], str],
    operation: tuple[str, str],
    body: bytes,
    keys: Sequence[bytes],
) -> Attempt:
    """Return the attempt of a request, which has sent one header of the form of a key; the body is kept as an HMAC.

    `subject` tells under one of our `keys` who has sent it; the first of these counts, the others did before.
    """
    if len(sent) != 1 or not FORM.fullmatch(sent[0]):
        raise KEY_MISSING
    # a client may send anything as its key, so the key is kept as an HMAC too
    attempts = [
        Attempt(
            tenant,
            subject(key),
            *operation,
            hmac.new(key, sent[0].encode(), hashlib.sha256).hexdigest(),
            hmac.new(key, body, hashlib.sha256).digest(),
        )
        for key in keys
    ]
    attempts[0].older = tuple(attempts[1:])
    return attempts[0]


async def remove_old_keys(tx: Tx) -> None:
    """Remove keys after 24 hours."""
    await tx.execute(SWEEP, tx.now - KEPT)
