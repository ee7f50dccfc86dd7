"""Making the ledger say what a host's meetings earn: what is missing is posted, what is too much taken back.

What meetings earn is a function of the facts known of them, so that the balance is the same in whatever order these
were heard (REW-2, I5).
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from chassis.db import Tx
from contracts.rewards import PointsAccrued, PointsReversed

from rewards.domain.ledger import Book, Lot
from rewards.domain.meetings import Held
from rewards.domain.rules import Award, Judged, judge, month_of
from rewards.store import customers, ledger, meetings, programme
from rewards.store.customers import Customer
from rewards.store.ledger import Accrued, Posting

# a month of any calendar around a moment, whatever the time zones
AROUND = timedelta(days=33)


async def settle(tx: Tx, customer: Customer, touched: Sequence[Held] | None = None, *, within_balance: bool) -> None:
    """Judge the months in which these meetings began, or all of a customer's, whose row is locked; post differences."""
    tenant, host = customer.tenant, customer.customer
    enrolments = await customers.enrolments(tx, tenant, host)
    if not enrolments:
        return
    rules = await programme.rules(tx, tenant)
    if touched is None:
        judged = judge(await meetings.of_host(tx, tenant, host), enrolments, rules)
        named = {one.meeting for one in judged}
    else:
        begun = [held.started_at for held in touched]
        months = {month_of(at, enrolments) for at in begun}
        around = await meetings.of_host(tx, tenant, host, min(begun) - AROUND, max(begun) + AROUND)
        named = {held.meeting for held in touched}
        whole = judge(around, enrolments, rules)
        judged = [one for one in whole if one.meeting in named or (one.month is not None and one.month in months)]
        named |= {one.meeting for one in judged}
    await meetings.set_verdicts(tx, tenant, judged)
    await _follow(tx, customer, judged, await ledger.of_meetings(tx, tenant, customer.member, named), within_balance)


async def judge_again(tx: Tx, *, within_balance: bool) -> bool:
    """Judge the meetings of members for whom there are new rules; true where there may be more."""
    waiting = await customers.to_judge(tx)
    for customer in waiting:
        await settle(tx, customer, within_balance=within_balance)
    return bool(waiting)


async def _follow(
    tx: Tx, customer: Customer, judged: Iterable[Judged], brought: Sequence[Accrued], within_balance: bool
) -> None:
    wanted = {(award.meeting, award.rule): award for one in judged for award in one.awards}
    standing = {(lot.meeting, lot.rule): lot for lot in brought if lot.reversed_at is None}
    forgiven: dict[object, int] = {}
    for lot in brought:
        forgiven[lot.meeting, lot.rule] = forgiven.get((lot.meeting, lot.rule), 0) + lot.forgiven
    wrong = {place: lot for place, lot in standing.items() if not _says(lot, wanted.get(place))}
    missing = {place: award for place, award in wanted.items() if place not in standing or place in wrong}
    if not wrong and not missing:
        return
    book = Book.of(await ledger.open_lots(tx, customer.tenant, customer.member))
    for place, lot in wrong.items():
        book, left = await _reverse(tx, customer, book, lot, within_balance)
        forgiven[place] += left
    for place, award in missing.items():
        book = await _accrue(tx, customer, book, award, forgiven.get(place, 0))


def _says(lot: Accrued, award: Award | None) -> bool:
    return award is not None and (lot.rule_version, lot.earned) == (award.version, award.points)


async def _accrue(tx: Tx, customer: Customer, book: Book, award: Award, forgiven: int) -> Book:
    """Credit an award, less what an earlier reversal of the same had left with the member."""
    kept = min(forgiven, award.points)
    posting, points = tx.new_id(), award.points - kept
    lot = Lot(posting, points, tx.now, award.expires_at)
    arithmetic = f"{award.arithmetic} = {award.points} points"
    if kept:
        arithmetic += f", less {kept} that stayed with you when it was taken back"
    book, entries = book.accrue(lot)
    await ledger.add_lot(tx, customer.tenant, customer.member, lot, award)
    accrual = Posting(
        posting,
        customer.member,
        "accrual",
        points,
        arithmetic,
        meeting=award.meeting,
        rule=award.rule,
        rule_version=award.version,
    )
    await ledger.post(tx, customer.tenant, accrual, entries)
    if points:
        tx.publish(
            PointsAccrued(
                tenant=customer.tenant,
                member=customer.member,
                posting=posting,
                meeting=award.meeting,
                rule=award.rule,
                rule_version=award.version,
                points=points,
                arithmetic=arithmetic,
                accrued_at=tx.now,
            )
        )
    return book


async def _reverse(tx: Tx, customer: Customer, book: Book, lot: Accrued, within_balance: bool) -> tuple[Book, int]:
    """Take back what a meeting had brought; the book after it, and the points that are forgiven."""
    book, entries, forgiven = book.reverse(lot.lot, lot.points, within_balance=within_balance)
    posting, points = tx.new_id(), lot.points - forgiven
    arithmetic = f"what this meeting had earned, {lot.points} points, is taken back"
    if forgiven:
        arithmetic += f", except {forgiven} that are spent already and stay with you"
    await ledger.reverse(tx, customer.tenant, lot.lot.lot, forgiven)
    reversal = Posting(
        posting,
        customer.member,
        "reversal",
        -points,
        arithmetic,
        meeting=lot.meeting,
        rule=lot.rule,
        rule_version=lot.rule_version,
    )
    await ledger.post(tx, customer.tenant, reversal, entries)
    if points:
        tx.publish(
            PointsReversed(
                tenant=customer.tenant,
                member=customer.member,
                posting=posting,
                meeting=lot.meeting,
                points=points,
                reversed_at=tx.now,
            )
        )
    return book, forgiven
