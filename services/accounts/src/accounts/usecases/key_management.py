"""The master key at work: subjects' keys are made, our own boxes opened, blind indexes computed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from chassis.db import Read, Tx
from chassis.identity import MasterKey, SealBroken, new_key_pair, open_box
from contracts.emails import EmailAddress
from contracts.event import Sealed, SubjectKey

from accounts.domain.blind_index import BlindIndex
from accounts.domain.people import TenantUnknown
from accounts.domain.tenant import Tenant
from accounts.store import subject_keys, tenants


@dataclass(frozen=True, slots=True)
class KeyManagement:
    """Does what needs the master key."""

    master: MasterKey = field(repr=False)

    async def new_key(self, tx: Tx, tenant: str, kind: str, subject: str, year: int | None = None) -> SubjectKey:
        """Make a subject's key and return its public key."""
        private, public = new_key_pair()
        key = SubjectKey(key=tx.new_id(), public=public)
        await subject_keys.add(tx, tenant, key, kind, subject, year, self.master.wrap(private, key.key))
        return key

    async def open(self, read: Read, tenant: str, boxes: Sequence[Sealed]) -> list[str] | None:
        """Return the texts of these boxes, or None where a key of theirs is destroyed."""
        wrapped = await subject_keys.wrapped(read, tenant, {box.key for box in boxes})
        if any(box.key not in wrapped for box in boxes):
            return None
        return [open_box(box, self.master.unwrap(wrapped[box.key], box.key)) for box in boxes]

    async def open_each(self, read: Read, tenant: str, boxes: Sequence[Sealed]) -> list[str | None]:
        """Return the text of each of these boxes, None where its key is destroyed or it was not sealed to it."""
        wrapped = await subject_keys.wrapped(read, tenant, {box.key for box in boxes})
        return [self._text(box, wrapped.get(box.key)) for box in boxes]

    def _text(self, box: Sealed, wrapped: bytes | None) -> str | None:
        if wrapped is None:
            return None
        private = self.master.unwrap(wrapped, box.key)
        try:
            return open_box(box, private)
        except SealBroken:
            return None

    async def blind_index(self, read: Read, tenant: str) -> BlindIndex:
        """Return a tenant's blind indexes; raises TenantUnknown."""
        found = await tenants.index_key(read, tenant)
        if found is None:
            raise TenantUnknown
        key_id, wrapped = found
        return BlindIndex(self.master.unwrap(wrapped, key_id))

    async def add_tenant(self, tx: Tx, tenant: Tenant) -> None:
        """Add a new tenant, with a key of its own for its blind indexes."""
        key_id = tx.new_id()
        await tenants.add(tx, tenant, key_id, self.master.wrap(secrets.token_bytes(32), key_id))


def email_hmac(index: BlindIndex, email: str) -> bytes:
    """Return the blind index of an e-mail address, however it is spelled; raises EmailMalformed."""
    return index.email(EmailAddress.read(email).compared)
