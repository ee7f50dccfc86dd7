"""Who writes: whether a message is certainly from the side of a conversation that may write (F-M13, MAIL-13)."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import structlog
from chassis.identity import KeyRings, KeysUnavailable, SealBroken
from contracts.event import Sealed
from mailing.authentication import Policy, Verdict, authenticate
from mailing.reports import Arrival, is_automatic, read_arrival, read_report
from mailing.resolver import Resolver

from mail_relay.clients.judging import Judged, OwnDomains, is_same, judge, may_write
from mail_relay.clients.opening import unlocked
from mail_relay.clients.scanning import Scanner
from mail_relay.domain.admission import MOST_HOPS, Reason, head_of, hops
from mail_relay.domain.alias import Domains, Side
from mail_relay.domain.policy.policy import quarantined
from mail_relay.domain.recipient import Recipient

log = structlog.get_logger(__name__)

ID = re.compile(rb"^message-id:[ \t]*(?:\r\n[ \t]+)?(<[\x21-\x3b\x3d\x3f-\x7e]{3,900}>)", re.IGNORECASE | re.MULTILINE)
ANSWERS = re.compile(
    rb"^in-reply-to:\s*<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}@[\w.-]+)>", re.IGNORECASE | re.MULTILINE
)


class SenderAway(Exception):
    """It cannot be told now who writes; try again."""


class Senders:
    """Judges who writes, by the DNS of the senders' domains: that of the machine, or the given name servers.

    What `sealers` say of messages that they have changed is believed (ARC).
    """

    def __init__(
        self, servers: str, port: int, own: OwnDomains, scanner: Scanner | None = None, sealers: Collection[str] = ()
    ) -> None:
        self._sealers = sealers
        self._scanner = scanner
        self._own = own
        self.resolver = Resolver([one.strip() for one in servers.split(",") if one.strip()], port)

    async def judge(
        self,
        content: bytes,
        session: tuple[str, str, str],
        recipients: Sequence[Recipient],
        keys: KeyRings,
        domains: Domains,
    ) -> Reason | Sequence[Judged]:
        """Return why a message is not taken, or what becomes of it for each; `session` is peer, greeting and sender.

        Raises SenderAway, ScannerAway.
        """
        if hops(content) > MOST_HOPS or _is_ours(self.message_id(content), domains):
            return Reason.LOOP
        if is_automatic(content, session[2]):
            return Reason.AUTOMATIC
        found = await authenticate(content, *session, self.resolver, self._sealers)
        if found.author is None:
            return Reason.NO_SENDER
        if _is_ours(found.author.address, domains):
            return Reason.LOOP
        if not found.proves_author:
            if found.unanswered:
                raise SenderAway
            # whose owner asks for less than a refusal: a person looks at it, and it does nothing before (F-M20)
            if found.dmarc.disposition is not Policy.QUARANTINE or any(to.desk or to.tag for to in recipients):
                return Reason.NOT_AUTHENTIC
        addresses = await _addresses(recipients, keys)
        judged: list[Judged] = []
        for to in recipients:
            known = addresses[to.conversation.email_box or ""]
            sides = {Side.BUYER: known, Side.SELLER: to.reached}
            expected = sides[to.writer]
            receiver = expected if to.desk else sides[to.writer.other]
            if expected is None or receiver is None:
                return Reason.CLOSED
            by_dmarc = found.by_arc or found.dmarc.verdict is Verdict.PASS
            further = may_write(found.author.address, to.writers, by_dmarc=by_dmarc)
            if not further and not is_same(found.author.address, expected):
                return Reason.NOT_AUTHORISED
            if to.paused and to.tag is None:
                return Reason.PAUSED
            one = await judge(content, to, (expected, *to.writers), receiver, domains, self._own, self._scanner)
            if isinstance(one, Reason):
                return one
            judged.append(one if found.proves_author else replace(one, decision=quarantined(to.policy)))
        return judged

    async def judge_typed(self, content: bytes, to: Recipient, keys: KeyRings, domains: Domains) -> Reason | Judged:
        """Return why what a buyer has typed on a page is not taken, or what becomes of it.

        That they are signed in says who writes; all else is judged as of a message by mail. Raises SenderAway,
        ScannerAway.
        """
        own = (await _addresses([to], keys))[to.conversation.email_box or ""]
        if own is None or to.reached is None:
            return Reason.CLOSED
        if to.paused:
            return Reason.PAUSED
        return await judge(content, to, (own,), to.reached, domains, self._own, self._scanner)

    async def finds_malware(self, content: bytes) -> bool:
        """Return whether a file that is handed out is malware; false where no scanner is set. Raises ScannerAway."""
        return self._scanner is not None and await self._scanner.finds(content)

    def reported(self, content: bytes) -> Arrival | str | None:
        """Return that a message arrived, or the status with which it came back for good; None where neither is said."""
        report = read_report(content)
        final = [one for one in report.failures if one.final] if report else []
        return final[0].status if final else read_arrival(content)

    def message_id(self, content: bytes) -> str | None:
        """Return the Message-ID that the writer's program gave a message."""
        found = ID.search(head_of(content))
        return found[1].decode("ascii") if found else None


def _is_ours(id_or_address: str | None, domains: Domains) -> bool:
    """Say whether something has left here before: what we rewrite bears no trace of earlier hops (F-M17)."""
    return (id_or_address or "").rpartition("@")[2].rstrip(">.").lower() in domains.names


def answered(content: bytes, domains: Domains) -> UUID | None:
    """Return the id of the message or notice of ours that a message answers."""
    found = ANSWERS.search(head_of(content))
    local, _, host = found[1].decode().partition("@") if found else ("", "", "")
    return UUID(local) if host.lower() in domains.names else None


async def _addresses(recipients: Sequence[Recipient], keys: KeyRings) -> Mapping[str, str | None]:
    """Return the buyers' addresses by their boxes; None for one who cannot be read any more. Raises SenderAway."""
    boxes = {box: Sealed.parse(box) for to in recipients if (box := to.conversation.email_box)}
    found: dict[str, str | None] = {"": None}
    try:
        opened = await unlocked(boxes.values(), keys)
        for text, box in boxes.items():
            address = opened.open(box)
            found[text] = address if isinstance(address, str) else None
    except KeysUnavailable:
        raise SenderAway from None
    except SealBroken:
        log.error("the address of a conversation does not open")
        raise SenderAway from None
    return found
