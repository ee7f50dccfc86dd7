"""What becomes of a message before it is kept: whether it can be passed on, and what the policy does (MAIL-10)."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import structlog
from contracts.emails import EmailAddress, EmailMalformed

from mail_relay.clients.scanning import Scanner
from mail_relay.domain.admission import Reason
from mail_relay.domain.alias import Domain, Domains
from mail_relay.domain.attached import files_of, links_of, objections_to
from mail_relay.domain.desk import NOTHING, Asked, asked
from mail_relay.domain.policy.attachment import Bounds, Objection
from mail_relay.domain.policy.detection import detect
from mail_relay.domain.policy.finding import Finding, Kind
from mail_relay.domain.policy.optout import is_critical
from mail_relay.domain.policy.order_message import may_come_unasked
from mail_relay.domain.policy.policy import Decision, decide
from mail_relay.domain.recipient import Recipient
from mail_relay.domain.rewriting import Kind as Change
from mail_relay.domain.rewriting import Refused, Rewritten, Way, rewrite
from mail_relay.domain.rewriting.entities import Entity, read_entity
from mail_relay.domain.rewriting.fields import addresses, decoded
from mail_relay.domain.words import longest_words, own_words

log = structlog.get_logger(__name__)


def is_same(author: str, expected: str) -> bool:
    """Return whether two addresses are of one mailbox, as far as their spelling tells."""
    try:
        return EmailAddress.read(author).compared == EmailAddress.read(expected).compared
    except EmailMalformed:
        return False


def may_write(author: str, writers: Collection[str], *, by_dmarc: bool) -> bool:
    """Return whether the author of a message is one of these; those of a whole domain are only `by_dmarc`."""
    if not writers:
        return False
    try:
        found = EmailAddress.read(author)
    except EmailMalformed:
        return False
    return found.compared in writers or (by_dmarc and f"@{found.domain}" in writers)


@dataclass(frozen=True, slots=True)
class OwnDomains:
    """The operator's domains: what leads there leads to the platform."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """A recipient, what the policy of the conversation does with the message, and what that asks for at the desk.

    It is `critical` where it passes for its subject alone.
    """

    to: Recipient
    decision: Decision
    asked: Asked = NOTHING
    critical: bool = False


async def judge(
    content: bytes,
    to: Recipient,
    hidden: tuple[str, ...],
    receiver: str,
    domains: Domains,
    own: OwnDomains,
    scanner: Scanner | None,
) -> Reason | Judged:
    """Return why a message cannot be passed on, or what the policy does with it; its sender hears it now.

    What reviewers read at the desk leads nowhere, and so no policy judges it; malware does not reach them either.
    Without a scanner nothing is looked for in files. Raises ScannerAway.
    """
    found = await asyncio.to_thread(_looked_at, content, to, hidden, receiver, domains, own.names)
    if isinstance(found, Reason):
        return found
    findings = found.findings
    if scanner is not None and to.tag is None and await _infected(content, scanner):
        if to.desk:
            return Reason.ATTACHMENT
        findings = [*findings, Finding(Kind.MALWARE, 0, 0, 1.0, "malware.clamd")]
    return Judged(to, decide(to.policy, findings), found.asked, found.critical)


async def _infected(content: bytes, scanner: Scanner) -> bool:
    """Return whether malware is in a message, or in a file of it that a scanner would not unpack itself."""
    files = await asyncio.to_thread(_files, content)
    return any([await scanner.finds(one) for one in (content, *files)])


def _files(content: bytes) -> list[bytes]:
    return [file for _, file in files_of(read_entity(content))]


@dataclass(frozen=True, slots=True)
class _LookedAt:
    """What was found in a message, what it asks for at the desk, and whether it passes for its subject alone."""

    findings: Sequence[Finding] = ()
    asked: Asked = NOTHING
    critical: bool = False


def _looked_at(
    content: bytes, to: Recipient, hidden: tuple[str, ...], receiver: str, domains: Domains, own: Collection[str]
) -> Reason | _LookedAt:
    """Return what was found in a message, or why it cannot be passed on at all."""
    if to.tag is not None:
        return _LookedAt()
    domain = domains.of(to.conversation.tenant)
    try:
        root = read_entity(content)
        subject = decoded(root.first("subject"))
        critical = is_critical(subject)
        if to.opted_out and not critical:
            return Reason.OPTED_OUT
        found = _tried(content, to, hidden, receiver, domain)
        # what the other side reads is judged
        written = read_entity(found.raw)
    except Refused as refused:
        log.info("a message cannot be rewritten", reason=refused.reason)
        return Reason.NOT_WRITABLE
    direct = any(domains.local_part(address) is None for address in found.of(Change.LEFT_OFF))
    if not to.desk and (direct or _names(root, receiver)):
        return Reason.DIRECT
    if to.order is not None:
        words = longest_words(written).split() or subject.split()  # an invoice may be a file alone
        if not may_come_unasked(subject, " ".join(words), to.order):
            return Reason.UNTYPED
    files = list(files_of(written))
    objected = objections_to(files, Bounds(types=to.policy.files))
    if refused_files := sorted({one.reason for one in objected if not one.held}):
        log.info("a file is not passed on", reasons=refused_files)
        return Reason.ATTACHMENT
    if to.desk:
        return _LookedAt(asked=asked(own_words(root)))
    text = "\n".join([own_words(written), *links_of(files)])
    words = detect(text, {domain.name, *own, *to.policy.own_domains})
    marked = critical and (to.opted_out or to.order is not None)
    return _LookedAt([*words, *map(_closed, objected)], critical=marked)


def _names(root: Entity, receiver: str) -> bool:
    """Return whether a message also goes to the other side's own address: it is theirs, and so is not left off."""
    named = addresses([*root.fields.get("to", []), *root.fields.get("cc", [])])
    return any(is_same(address, receiver) for _, address in named)


def _closed(objection: Objection) -> Finding:
    return Finding(Kind.FILE, 0, 0, 1.0, f"file.{objection.reason}")


def _tried(content: bytes, to: Recipient, hidden: tuple[str, ...], receiver: str, domain: Domain) -> Rewritten:
    conversation = to.conversation
    way = Way(
        hidden=hidden,
        alias=domain.address(conversation.aliases[to.writer]),
        name="",
        written_to=domain.address(conversation.aliases[to.writer.other]),
        receiver=receiver,
        message_id="<tried>",
        accepted_at=conversation.opened_at,
    )
    return rewrite(content, way)
