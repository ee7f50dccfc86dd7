"""Telling those whose messages did not arrive."""

from datetime import datetime

import structlog
from chassis.config import Clock
from chassis.identity import KeyRings, KeysUnavailable, SealBroken
from mailing.reports import Undelivered, compose_report

from mail_relay.clients.opening import open_boxes
from mail_relay.clients.outgoing import Outgoing
from mail_relay.domain.alias import Domain, Domains, Side
from mail_relay.domain.relaying import Outcome, Verdict
from mail_relay.domain.report import Report

log = structlog.get_logger(__name__)


async def send(report: Report, keys: KeyRings, outgoing: Outgoing, domains: Domains, clock: Clock) -> Outcome:
    """Send a report; who cannot be read or reached any more is not told."""
    boxes = [box for box in (report.email_box, report.original_id_box) if box]
    try:
        opened = await open_boxes(boxes, keys)
    except KeysUnavailable:
        return Outcome(Verdict.HELD)
    except SealBroken:
        log.error("a report cannot be written", message=str(report.id))
        return Outcome(Verdict.BOUNCED)
    if opened is None or report.email_box is None:
        return Outcome(Verdict.ERASED)
    to = opened[report.email_box] if report.side is Side.BUYER else report.reached
    if to is None:
        return Outcome(Verdict.BOUNCED)
    answer = await outgoing.report(
        report.tenant, to, _written(report, to, opened, domains.of(report.tenant), clock.now())
    )
    return Outcome(Verdict(answer.end.value), answer.code, answer.text)


def _written(report: Report, to: str, opened: dict[str, str], domain: Domain, now: datetime) -> bytes:
    return compose_report(
        host=domain.name,
        sender=domain.address("postmaster"),
        to=to,
        undelivered=[Undelivered(domain.address(report.alias), report.status)],
        message_id=opened[report.original_id_box] if report.original_id_box else "",
        subject="",
        now=now,
    )
