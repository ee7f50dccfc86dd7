"""What leaves: signed by DKIM for the domain of the aliases, with an envelope sender to which bounces come back."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mailing.envelope import Envelopes, Kind
from mailing.server import Answer, MailServer
from mailing.signing import Signer

from mail_relay.domain.alias import Domains


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The next server, who signs for each domain, unless that server does, and the envelope senders."""

    server: MailServer
    domains: Domains
    signers: Mapping[str, Sequence[Signer]]
    envelopes: Envelopes

    async def message(self, tenant: str, message_id: UUID, to: str, signed: Sequence[bytes], at: datetime) -> Answer:
        """Hand a signed message over; what comes back of it names its id, also that it has arrived (K10)."""
        sender = self.envelopes.bounce_address(tenant, message_id, Kind.MESSAGE, at)
        return await self.server.hand_over(sender, to, *signed, report_as=str(message_id))

    async def report(self, tenant: str, to: str, raw: bytes) -> Answer:
        """Hand a report over; it has no envelope sender, so that nobody answers it (RFC 3834 4)."""
        return await self.server.hand_over("", to, *await asyncio.to_thread(self.signed, tenant, raw))

    async def notice(self, tenant: str, notice_id: UUID, to: str, raw: bytes, at: datetime) -> Answer:
        """Hand a notice over; what comes back of it names its id."""
        sender = self.envelopes.bounce_address(tenant, notice_id, Kind.NOTICE, at)
        return await self.server.hand_over(sender, to, *await asyncio.to_thread(self.signed, tenant, raw))

    def signed(self, tenant: str, raw: bytes) -> Sequence[bytes]:
        """Return a message in pieces, the signatures first: RSA's on top, for not everybody knows another."""
        return [
            *(signer.signature(raw) for signer in reversed(self.signers.get(self.domains.of(tenant).name, ()))),
            raw,
        ]
