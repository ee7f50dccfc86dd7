"""Spending points: a voucher is handed over at once, the rest when staff records that the partner has delivered."""

from dataclasses import replace
from uuid import UUID

import structlog
from chassis.db import Tx
from chassis.identity import seal
from contracts.accounts import CustomerClaims
from contracts.event import Sealed
from contracts.rewards import Addressee, RewardFailed, RewardFulfilled, RewardKind, RewardRedeemed

from rewards.domain.arithmetic import Arithmetic
from rewards.domain.ledger import Book
from rewards.domain.membership import AccountErased, Enrolment, NotEnrolled
from rewards.domain.rewards import (
    ContactUnknown,
    RedemptionEnded,
    RedemptionUnknown,
    Reward,
    RewardOutOfStock,
    RewardUnknown,
)
from rewards.store import codes, customers, ledger, programme, redemptions
from rewards.store.customers import Customer
from rewards.store.ledger import Posting
from rewards.store.redemptions import Redemption
from rewards.usecases.codes import Vault
from rewards.usecases.expiring import expire

log = structlog.get_logger(__name__)


async def redeem(
    tx: Tx,
    tenant: str,
    customer_id: UUID,
    person: CustomerClaims,
    reward_id: str,
    vault: Vault,
    account: str | None,
    address: str | None,
) -> UUID:
    """Spend points on a reward, by which the balance never falls below zero (F-R07); return the redemption's id.

    Miles go to an `account`, a shipment to an `address` (JSON); either is sealed to the customer. What is published
    of it names, sealed, the `person` to be written to, and the reward in the language of their enrolment.
    """
    customer = await customers.lock(tx, tenant, customer_id)
    enrolment = await _last_enrolment(tx, customer)
    reward = await programme.find(tx, tenant, reward_id)
    if reward is None:
        raise RewardUnknown
    reward.check(enrolment.market, tx.now, await redemptions.count(tx, tenant, customer_id, reward_id))
    reward.check_destination(account, address)
    await expire(tx, customer)
    _, entries = Book.of(await ledger.open_lots(tx, tenant, customer.member_id)).redeem(reward.points)
    redemption_id = tx.new_id()
    code = await _voucher(tx, customer, reward, redemption_id, vault)
    posting = Posting(
        tx.new_id(),
        customer.member_id,
        "redemption",
        -reward.points,
        Arithmetic("redemption", total=reward.points, name_de=reward.name_de, name_en=reward.name_en),
        redemption_id=redemption_id,
        reward_id=reward_id,
    )
    await ledger.post(tx, tenant, posting, entries)
    redemption = Redemption(
        id=redemption_id,
        customer_id=customer_id,
        member_id=customer.member_id,
        reward_id=reward_id,
        kind=reward.kind,
        points=reward.points,
        code=code,
        redeemed_at=tx.now,
        fulfilled_at=tx.now if code is not None else None,
        destination=_sealed(customer, account, address),
        reward_title=reward.name_en if enrolment.language == "en" else reward.name_de,
        addressee=Addressee(language=enrolment.language, name=person.name_contact, email=person.email_contact),
    )
    await redemptions.add(tx, tenant, redemption)
    tx.publish(
        RewardRedeemed(
            tenant=tenant,
            member=redemption.member_id,
            redemption=redemption_id,
            reward=reward_id,
            kind=RewardKind(redemption.kind),
            points=redemption.points,
            redeemed_at=tx.now,
            reward_title=redemption.reward_title,
            addressee=redemption.addressee,
        )
    )
    if code is not None:
        _publish_fulfilled(tx, tenant, redemption)
    return redemption_id


async def fulfil(tx: Tx, tenant: str, redemption_id: UUID) -> Redemption:
    """Record that the partner has credited the miles, or that the basket is posted; safe to repeat."""
    _, redemption = await _locked(tx, tenant, redemption_id)
    if redemption.fulfilled_at is not None:
        return redemption
    if redemption.failed_at is not None:
        raise RedemptionEnded
    ended = replace(redemption, fulfilled_at=tx.now)
    await redemptions.end(tx, tenant, ended)
    tx.audit("redemption", redemption_id, after={"fulfilled_at": tx.now})
    _publish_fulfilled(tx, tenant, ended)
    return ended


async def fail(tx: Tx, tenant: str, redemption_id: UUID) -> Redemption:
    """Record that the partner cannot deliver: the points go back to the lots they came from, once."""
    customer, redemption = await _locked(tx, tenant, redemption_id)
    if redemption.failed_at is not None:
        return redemption
    if redemption.fulfilled_at is not None:
        raise RedemptionEnded
    lots, taken = await ledger.of_redemption(tx, tenant, redemption.member_id, redemption_id)
    book = Book.of([*await ledger.open_lots(tx, tenant, redemption.member_id), *lots])
    _, entries = book.give_back(taken, tx.now)
    posting = Posting(
        tx.new_id(),
        redemption.member_id,
        "return",
        redemption.points,
        Arithmetic("return", total=redemption.points, reward=redemption.reward_id),
        redemption_id=redemption_id,
        reward_id=redemption.reward_id,
    )
    await ledger.post(tx, tenant, posting, entries)
    await expire(tx, customer)
    ended = replace(redemption, failed_at=tx.now)
    await redemptions.end(tx, tenant, ended)
    tx.audit("redemption", redemption_id, after={"failed_at": tx.now})
    tx.publish(
        RewardFailed(
            tenant=tenant,
            member=redemption.member_id,
            redemption=redemption_id,
            reward=redemption.reward_id,
            kind=RewardKind(redemption.kind),
            points=redemption.points,
            failed_at=tx.now,
            reward_title=redemption.reward_title,
            addressee=redemption.addressee,
        )
    )
    return ended


async def _locked(tx: Tx, tenant: str, redemption_id: UUID) -> tuple[Customer, Redemption]:
    """Return a redemption and its customer, whose row is locked: what is published of a member is in order."""
    redemption = await redemptions.find(tx, tenant, redemption_id)
    if redemption is None:
        raise RedemptionUnknown
    customer = await customers.lock(tx, tenant, redemption.customer_id)
    return customer, await redemptions.find(tx, tenant, redemption_id) or redemption


def _sealed(customer: Customer, account: str | None, address: str | None) -> Sealed | None:
    if account is None and address is None:
        return None
    if customer.contact is None:
        raise ContactUnknown
    return seal(account or address or "", customer.contact, "miles_account" if account else "address")


async def _last_enrolment(tx: Tx, customer: Customer) -> Enrolment:
    """Return the enrolment whose market counts; who has left may still spend, who is erased may not."""
    if customer.erased_at is not None:
        raise AccountErased
    enrolments = await customers.enrolments(tx, customer.tenant, customer.id)
    if not enrolments:
        raise NotEnrolled
    return enrolments[-1]


async def _voucher(tx: Tx, customer: Customer, reward: Reward, redemption_id: UUID, vault: Vault) -> Sealed | None:
    if reward.kind != RewardKind.VOUCHER:
        return None
    if customer.contact is None:
        raise ContactUnknown
    while (taken := await codes.take(tx, customer.tenant, reward.id)) is not None:
        fingerprint, box = taken
        code = vault.opened(box, fingerprint)
        if code is not None:
            await codes.hand_out(tx, customer.tenant, fingerprint, redemption_id)
            return seal(code, customer.contact, "voucher_code")
        await codes.set_aside(tx, customer.tenant, fingerprint)
        log.error("a voucher code does not open; it waits", tenant=customer.tenant, reward=reward.id)
    raise RewardOutOfStock


def _publish_fulfilled(tx: Tx, tenant: str, redemption: Redemption) -> None:
    tx.publish(
        RewardFulfilled(
            tenant=tenant,
            member=redemption.member_id,
            redemption=redemption.id,
            reward=redemption.reward_id,
            kind=RewardKind(redemption.kind),
            code=redemption.code,
            fulfilled_at=tx.now,
            reward_title=redemption.reward_title,
            addressee=redemption.addressee,
        )
    )
