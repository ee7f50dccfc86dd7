"""Making the ledger follow what a host's meetings earn: what is missing is posted, what is too much taken back.

What meetings earn is a function of the facts known of them, so that the balance is the same in whatever order these
were consumed (REW-2, I5).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Read, Tx
from chassis.jobs import in_parts
from contracts.rewards import PointsAccrued, PointsReversed

from rewards.domain.arithmetic import Arithmetic
from rewards.domain.ledger import Book, Lot
from rewards.domain.meetings import Meeting
from rewards.domain.membership import Enrolment
from rewards.domain.programme import Effect, Terms
from rewards.domain.rules import Award, Evaluation, Rule, chained, evaluate, month_of
from rewards.store import customers, ledger, meetings, programme
from rewards.store.customers import Customer
from rewards.store.ledger import Accrual, Posting
from rewards.usecases.expiring import expire

# a month of any calendar around a moment, whatever the time zones, with what overlaps its beginning; a chain of
# meetings that overlap may reach into the month after
BEFORE = timedelta(days=40)
AFTER = timedelta(days=70)
Key = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """What the ledger has of some meetings and should not have, and what it lacks.

    `forgiven` is what earlier reversals of the same have left with the member.
    """

    wrong: Mapping[Key, Accrual]
    missing: Mapping[Key, Award]
    forgiven: Mapping[Key, int]


async def settle(
    tx: Tx,
    customer: Customer,
    terms: Terms,
    touched: Sequence[Meeting] | None = None,
    since: datetime | None = None,
) -> None:
    """Evaluate meetings of a locked customer, and post differences.

    These are the meetings of the months in which the `touched` ones began, or those that began `since`, or all.
    """
    tenant, host_id = customer.tenant, customer.id
    enrolments = await customers.enrolments(tx, tenant, host_id)
    if not enrolments:
        return
    rules = await programme.rules(tx, tenant)
    if touched is None:
        evaluations = await _evaluated(tx, customer, enrolments, rules, since)
        meeting_ids = {one.meeting_id for one in evaluations}
    else:
        begun = [meeting.started_at for meeting in touched]
        around = await meetings.of_host(tx, tenant, host_id, min(begun) - BEFORE, max(begun) + AFTER)
        months = {month_of(one.started_at, enrolments) for one in chained(around, touched)} - {None}
        meeting_ids = {meeting.id for meeting in touched}
        whole = evaluate(around, enrolments, rules)
        evaluations = [one for one in whole if one.meeting_id in meeting_ids or one.month in months]
        meeting_ids |= {one.meeting_id for one in evaluations}
    await meetings.set_verdicts(tx, tenant, evaluations)
    await expire(tx, customer)
    accruals = await ledger.of_meetings(tx, tenant, customer.member_id, meeting_ids)
    await _follow(tx, customer, _difference(evaluations, accruals), terms)
    await expire(tx, customer)


async def evaluate_again(tx: Tx, terms: Terms) -> bool:
    """Evaluate the meetings of members for whom there are new rules; true where there may be more."""
    marked = await customers.marked(tx)

    async def evaluate(some: Sequence[tuple[Customer, datetime | None]]) -> None:
        for customer, since in some:
            await customers.unmark(tx, customer)
            await settle(tx, customer, terms, since=since)

    job = "evaluate meetings again"
    return await in_parts(tx, job, marked, evaluate, lambda one: (one[0].tenant, one[0].member_id)) > 0


async def effect(read: Read, tenant: str, rules: Sequence[Rule], since: datetime) -> Effect:
    """Return what these rules would do to meetings that began since then (REW-14)."""
    posted, taken, members = 0, 0, 0
    for host_id in await customers.concerned(read, tenant, since):
        customer = await customers.find(read, tenant, host_id)
        if customer is None:
            continue
        enrolments = await customers.enrolments(read, tenant, host_id)
        evaluations = await _evaluated(read, customer, enrolments, rules, since)
        meeting_ids = {one.meeting_id for one in evaluations}
        accruals = await ledger.of_meetings(read, tenant, customer.member_id, meeting_ids)
        difference = _difference(evaluations, accruals)
        posted += sum(award.points for award in difference.missing.values())
        taken += sum(accrual.points - accrual.expired for accrual in difference.wrong.values())
        members += bool(difference.wrong or difference.missing)
    return Effect(posted, taken, members)


async def _evaluated(
    read: Read, customer: Customer, enrolments: Sequence[Enrolment], rules: Sequence[Rule], since: datetime | None
) -> list[Evaluation]:
    """Return the evaluations of a host's meetings that began since then, in the light of those before."""
    around = await meetings.of_host(read, customer.tenant, customer.id, None if since is None else since - BEFORE)
    begun = {meeting.id for meeting in around if since is None or meeting.started_at >= since}
    return [one for one in evaluate(around, enrolments, rules) if one.meeting_id in begun]


def _difference(evaluations: Iterable[Evaluation], accruals: Sequence[Accrual]) -> Difference:
    wanted = {(award.meeting_id, award.rule_id): award for one in evaluations for award in one.awards}
    standing = {(one.meeting_id, one.rule_id): one for one in accruals if one.reversed_at is None}
    forgiven: dict[Key, int] = {}
    for accrual in accruals:
        key = (accrual.meeting_id, accrual.rule_id)
        forgiven[key] = forgiven.get(key, 0) + accrual.forgiven
    wrong = {key: accrual for key, accrual in standing.items() if not _is_for(accrual, wanted.get(key))}
    missing = {key: award for key, award in wanted.items() if key not in standing or key in wrong}
    return Difference(wrong, missing, forgiven)


async def _follow(tx: Tx, customer: Customer, difference: Difference, terms: Terms) -> None:
    if not difference.wrong and not difference.missing:
        return
    forgiven = dict(difference.forgiven)
    book = Book.of(await ledger.open_lots(tx, customer.tenant, customer.member_id))
    for key, accrual in difference.wrong.items():
        book, left = await _reverse(tx, customer, book, accrual, terms)
        forgiven[key] += left
    for key, award in difference.missing.items():
        book = await _accrue(tx, customer, book, award, forgiven.get(key, 0))


def _is_for(accrual: Accrual, award: Award | None) -> bool:
    if award is None:
        return False
    stands = (accrual.rule_version, accrual.earned, accrual.lot.expires_at)
    return stands == (award.rule_version, award.points, award.expires_at)


async def _accrue(tx: Tx, customer: Customer, book: Book, award: Award, forgiven: int) -> Book:
    """Credit an award, less what an earlier reversal of the same had left with the member."""
    kept = min(forgiven, award.points)
    posting_id, points = tx.new_id(), award.points - kept
    lot = Lot(posting_id, points, tx.now, award.expires_at)
    arithmetic = replace(award.arithmetic, total=award.points, kept=kept)
    book, entries = book.accrue(lot)
    await ledger.add_lot(tx, customer.tenant, customer.member_id, lot, award)
    posting = Posting(
        posting_id,
        customer.member_id,
        "accrual",
        points,
        arithmetic,
        meeting_id=award.meeting_id,
        rule_id=award.rule_id,
        rule_version=award.rule_version,
    )
    await ledger.post(tx, customer.tenant, posting, entries)
    if points:
        tx.publish(
            PointsAccrued(
                tenant=customer.tenant,
                member=customer.member_id,
                posting=posting_id,
                meeting=award.meeting_id,
                rule=award.rule_id,
                rule_version=award.rule_version,
                points=points,
                arithmetic=str(arithmetic),
                accrued_at=tx.now,
            )
        )
    return book


async def _reverse(tx: Tx, customer: Customer, book: Book, accrual: Accrual, terms: Terms) -> tuple[Book, int]:
    """Take back what a meeting had earned and has not expired; return the book after it, and what is forgiven."""
    left = accrual.points - accrual.expired
    book, entries, forgiven = book.reverse(accrual.lot, left, within_balance=terms.within_balance)
    posting_id, points = tx.new_id(), left - forgiven
    arithmetic = Arithmetic("reversal", total=accrual.points, expired=accrual.expired, kept=forgiven)
    await ledger.reverse(tx, customer.tenant, accrual.lot.id, forgiven)
    posting = Posting(
        posting_id,
        customer.member_id,
        "reversal",
        -points,
        arithmetic,
        meeting_id=accrual.meeting_id,
        rule_id=accrual.rule_id,
        rule_version=accrual.rule_version,
    )
    await ledger.post(tx, customer.tenant, posting, entries)
    if points:
        tx.publish(
            PointsReversed(
                tenant=customer.tenant,
                member=customer.member_id,
                posting=posting_id,
                meeting=accrual.meeting_id,
                points=points,
                reversed_at=tx.now,
            )
        )
    return book, forgiven
