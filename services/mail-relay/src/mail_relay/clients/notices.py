"""Telling those whose messages did not arrive."""

from datetime import datetime

import structlog
from chassis.config import Clock
from chassis.identity import KeyRings, KeysUnavailable, SealBroken
from mailing.reports import Undelivered, compose_report

from mail_relay.clients.opening import open_boxes
from mail_relay.clients.outgoing import Outgoing
from mail_relay.domain.alias import Domain, Side
from mail_relay.domain.notice import Notice
from mail_relay.domain.relaying import Outcome, Verdict

log = structlog.get_logger(__name__)


async def notify(notice: Notice, keys: KeyRings, outgoing: Outgoing, domain: Domain, clock: Clock) -> Outcome:
    """Send a notice; who cannot be read or reached any more is not told."""
    boxes = [box for box in (notice.email_box, notice.original_id_box) if box]
    try:
        opened = await open_boxes(boxes, keys)
    except KeysUnavailable:
        return Outcome(Verdict.HELD)
    except SealBroken:
        log.error("a notice cannot be written", message=str(notice.id))
        return Outcome(Verdict.BOUNCED)
    if opened is None or notice.email_box is None:
        return Outcome(Verdict.ERASED)
    to = opened[notice.email_box] if notice.side is Side.BUYER else notice.reached
    if to is None:
        return Outcome(Verdict.BOUNCED)
    answer = await outgoing.notice(to, _written(notice, to, opened, domain, clock.now()))
    return Outcome(Verdict(answer.end.value), answer.code, answer.text)


def _written(notice: Notice, to: str, opened: dict[str, str], domain: Domain, now: datetime) -> bytes:
    return compose_report(
        host=domain.name,
        sender=domain.address("postmaster"),
        to=to,
        undelivered=[Undelivered(domain.address(notice.alias), notice.status)],
        message_id=opened[notice.original_id_box] if notice.original_id_box else "",
        subject="",
        now=now,
    )
