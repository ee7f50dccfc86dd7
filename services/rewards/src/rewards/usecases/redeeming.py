"""Spending points: a voucher is handed over at once, anything else when staff says that the partner has delivered."""

from uuid import UUID

from chassis.db import Tx
from chassis.identity.sealing import seal
from contracts.event import Sealed
from contracts.rewards import RewardFulfilled, RewardKind, RewardRedeemed

from rewards.domain.ledger import Book
from rewards.domain.membership import AccountErased, Enrolment, NotEnrolled
from rewards.domain.rewards import ContactUnknown, RedemptionUnknown, Reward, RewardOutOfStock, RewardUnknown
from rewards.store import customers, ledger, programme, redemptions
from rewards.store.customers import Customer
from rewards.store.ledger import Posting
from rewards.store.redemptions import Redemption


async def redeem(tx: Tx, tenant: str, customer: UUID, wanted: str) -> UUID:
    """Spend points on a reward; the balance never falls below zero by it (F-R07). The redemption's id."""
    member = await customers.lock(tx, tenant, customer)
    enrolment = await _last_enrolment(tx, member)
    reward = await programme.find(tx, tenant, wanted)
    if reward is None:
        raise RewardUnknown
    reward.check(enrolment.market, tx.now, await redemptions.count(tx, tenant, customer, wanted))
    _, entries = Book.of(await ledger.open_lots(tx, tenant, member.member)).redeem(reward.points)
    redemption = tx.new_id()
    code = await _voucher(tx, member, reward, redemption)
    arithmetic = f"1 x {reward.name_en} = {reward.points} points"
    spent = Posting(
        tx.new_id(),
        member.member,
        "redemption",
        -reward.points,
        arithmetic,
        redemption=redemption,
        reward=wanted,
    )
    await ledger.post(tx, tenant, spent, entries)
    made = Redemption(
        redemption=redemption,
        customer=customer,
        member=member.member,
        reward=wanted,
        kind=reward.kind,
        points=reward.points,
        code=code,
        redeemed_at=tx.now,
        fulfilled_at=tx.now if code is not None else None,
    )
    await redemptions.add(tx, tenant, made)
    tx.publish(
        RewardRedeemed(
            tenant=tenant,
            member=made.member,
            redemption=redemption,
            reward=wanted,
            kind=RewardKind(made.kind),
            points=made.points,
            redeemed_at=tx.now,
        )
    )
    if code is not None:
        _say_fulfilled(tx, tenant, made)
    return redemption


async def fulfil(tx: Tx, tenant: str, redemption: UUID) -> Redemption:
    """The partner has credited the miles, or the basket is posted; safe to repeat."""
    made = await redemptions.lock(tx, tenant, redemption)
    if made is None:
        raise RedemptionUnknown
    if made.fulfilled_at is None:
        await redemptions.fulfil(tx, tenant, redemption)
        _say_fulfilled(tx, tenant, made)
    return await redemptions.find(tx, tenant, redemption) or made


async def _last_enrolment(tx: Tx, member: Customer) -> Enrolment:
    """The enrolment whose market counts; who has left may still spend, who is erased may not."""
    if member.erased_at is not None:
        raise AccountErased
    enrolments = await customers.enrolments(tx, member.tenant, member.customer)
    if not enrolments:
        raise NotEnrolled
    return enrolments[-1]


async def _voucher(tx: Tx, member: Customer, reward: Reward, redemption: UUID) -> Sealed | None:
    if reward.kind != RewardKind.VOUCHER:
        return None
    if member.contact is None:
        raise ContactUnknown
    code = await programme.hand_out(tx, member.tenant, reward.reward, redemption)
    if code is None:
        raise RewardOutOfStock
    return seal(code, member.contact, "voucher_code")


def _say_fulfilled(tx: Tx, tenant: str, made: Redemption) -> None:
    tx.publish(
        RewardFulfilled(
            tenant=tenant,
            member=made.member,
            redemption=made.redemption,
            reward=made.reward,
            kind=RewardKind(made.kind),
            code=made.code,
            fulfilled_at=tx.now,
        )
    )
