"""The master key at work: subjects' keys made, boxes of our own opened, blind indexes computed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Tx
from chassis.identity.sealing import MasterKey, new_key_pair, open_box
from contracts.event import Sealed, SubjectKey

from accounts.domain.people import TenantUnknown, mark, name_words, normalised_email
from accounts.domain.tenant import Tenant
from accounts.store import subject_keys, tenants


@dataclass(frozen=True, slots=True)
class Index:
    """A tenant's blind indexes: what is known by a mark only."""

    secret: bytes = field(repr=False)

    def email(self, email: str) -> bytes:
        """The mark of an e-mail address; raises EmailMalformed."""
        return mark(self.secret, "email", normalised_email(email))

    def name(self, name: str) -> list[bytes]:
        """The marks of the words of a name."""
        return [mark(self.secret, "name", word) for word in sorted(name_words(name))]

    def address(self, address: str) -> bytes:
        """The mark of a network address."""
        return mark(self.secret, "address", address)

    def recovery_code(self, subject: UUID, code: str) -> bytes:
        """The mark of somebody's recovery code."""
        return mark(self.secret, "recovery code", f"{subject} {code}")


@dataclass(frozen=True, slots=True)
class Vault:
    """What needs the master key."""

    master: MasterKey = field(repr=False)

    async def new_key(self, tx: Tx, tenant: str, kind: str, subject: str, year: int | None = None) -> SubjectKey:
        """Make a subject's key; its public half."""
        private, public = new_key_pair()
        key = SubjectKey(key=tx.new_id(), public=public)
        await subject_keys.add(tx, tenant, key, kind, subject, year, self.master.wrap(private, key.key))
        return key

    async def open(self, tx: Tx, tenant: str, boxes: Sequence[Sealed]) -> list[str] | None:
        """The texts of these boxes, or None where a key of theirs is destroyed."""
        halves = await subject_keys.wrapped(tx, tenant, {box.key for box in boxes})
        if any(box.key not in halves for box in boxes):
            return None
        return [open_box(box, self.master.unwrap(halves[box.key], box.key)) for box in boxes]

    async def index(self, tx: Tx, tenant: str) -> Index:
        """A tenant's blind indexes; raises TenantUnknown."""
        found = await tenants.index_secret(tx, tenant)
        if found is None:
            raise TenantUnknown
        index_id, wrapped = found
        return Index(self.master.unwrap(wrapped, index_id))

    async def add_tenant(self, tx: Tx, tenant: Tenant) -> None:
        """Keep a new tenant with a secret of its own."""
        index_id = tx.new_id()
        await tenants.add(tx, tenant, index_id, self.master.wrap(secrets.token_bytes(32), index_id))
