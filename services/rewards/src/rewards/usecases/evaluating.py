"""Making the ledger follow what a host's meetings earn: what is missing is posted, what is too much taken back.

What meetings earn is a function of the facts known of them, so that the balance is the same in whatever order these
were consumed (REW-2, I5).
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from chassis.db import Tx
from contracts.rewards import PointsAccrued, PointsReversed

from rewards.domain.ledger import Book, Lot
from rewards.domain.meetings import Meeting
from rewards.domain.programme import Terms
from rewards.domain.rules import Award, Evaluation, evaluate, month_of
from rewards.store import customers, ledger, meetings, programme
from rewards.store.customers import Customer
from rewards.store.ledger import Accrual, Posting

# a month of any calendar around a moment, whatever the time zones
AROUND = timedelta(days=33)


async def settle(tx: Tx, customer: Customer, terms: Terms, touched: Sequence[Meeting] | None = None) -> None:
    """Evaluate the months in which these meetings began, or all meetings of a locked customer; post differences."""
    tenant, host_id = customer.tenant, customer.id
    enrolments = await customers.enrolments(tx, tenant, host_id)
    if not enrolments:
        return
    rules = await programme.rules(tx, tenant)
    if touched is None:
        evaluations = evaluate(await meetings.of_host(tx, tenant, host_id), enrolments, rules)
        meeting_ids = {one.meeting_id for one in evaluations}
    else:
        begun = [meeting.started_at for meeting in touched]
        months = {month_of(at, enrolments) for at in begun} - {None}
        around = await meetings.of_host(tx, tenant, host_id, min(begun) - AROUND, max(begun) + AROUND)
        meeting_ids = {meeting.id for meeting in touched}
        whole = evaluate(around, enrolments, rules)
        evaluations = [one for one in whole if one.meeting_id in meeting_ids or one.month in months]
        meeting_ids |= {one.meeting_id for one in evaluations}
    await meetings.set_verdicts(tx, tenant, evaluations)
    accruals = await ledger.of_meetings(tx, tenant, customer.member_id, meeting_ids)
    await _follow(tx, customer, evaluations, accruals, terms)


async def evaluate_again(tx: Tx, terms: Terms) -> bool:
    """Evaluate the meetings of members for whom there are new rules; true where there may be more."""
    marked = await customers.unmark(tx)
    for customer in marked:
        await settle(tx, customer, terms)
    return bool(marked)


async def _follow(
    tx: Tx, customer: Customer, evaluations: Iterable[Evaluation], accruals: Sequence[Accrual], terms: Terms
) -> None:
    wanted = {(award.meeting_id, award.rule_id): award for one in evaluations for award in one.awards}
    standing = {(one.meeting_id, one.rule_id): one for one in accruals if one.reversed_at is None}
    forgiven: dict[tuple[UUID, str], int] = {}
    for accrual in accruals:
        key = (accrual.meeting_id, accrual.rule_id)
        forgiven[key] = forgiven.get(key, 0) + accrual.forgiven
    wrong = {key: accrual for key, accrual in standing.items() if not _is_for(accrual, wanted.get(key))}
    missing = {key: award for key, award in wanted.items() if key not in standing or key in wrong}
    if not wrong and not missing:
        return
    book = Book.of(await ledger.open_lots(tx, customer.tenant, customer.member_id))
    for key, accrual in wrong.items():
        book, left = await _reverse(tx, customer, book, accrual, terms)
        forgiven[key] += left
    for key, award in missing.items():
        book = await _accrue(tx, customer, book, award, forgiven.get(key, 0))


def _is_for(accrual: Accrual, award: Award | None) -> bool:
    return award is not None and (accrual.rule_version, accrual.earned) == (award.rule_version, award.points)


async def _accrue(tx: Tx, customer: Customer, book: Book, award: Award, forgiven: int) -> Book:
    """Credit an award, less what an earlier reversal of the same had left with the member."""
    kept = min(forgiven, award.points)
    posting_id, points = tx.new_id(), award.points - kept
    lot = Lot(posting_id, points, tx.now, award.expires_at)
    arithmetic = f"{award.arithmetic} = {award.points} points"
    if kept:
        arithmetic += f", less {kept} that stayed with you when it was taken back"
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
                arithmetic=arithmetic,
                accrued_at=tx.now,
            )
        )
    return book


async def _reverse(tx: Tx, customer: Customer, book: Book, accrual: Accrual, terms: Terms) -> tuple[Book, int]:
    """Take back what a meeting had earned; return the book after it, and the points that are forgiven."""
    book, entries, forgiven = book.reverse(accrual.lot, accrual.points, within_balance=terms.within_balance)
    posting_id, points = tx.new_id(), accrual.points - forgiven
    arithmetic = f"what this meeting had earned, {accrual.points} points, is taken back"
    if forgiven:
        arithmetic += f", except {forgiven} that are spent already and stay with you"
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
