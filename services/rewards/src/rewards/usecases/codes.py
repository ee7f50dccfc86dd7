"""Filling a voucher's pool: a list of codes is taken whole or not at all, and kept sealed."""

from dataclasses import dataclass
from typing import Any, ClassVar

from chassis.db import Tx
from chassis.lists import EntryRefused, Kind, Options, SealedList, compact, refusal, seal_list
from chassis.telemetry import holds_card
from contracts.rewards import RewardKind

from chassis import lists
from rewards.domain.rewards import RewardUnknown
from rewards.store import codes, programme

MOST_LINES = 1_000_000
LONGEST = 64
SHORTEST = 4
HEADINGS = (
    "(?:voucher|coupon|gift|gutschein|presentkorts|rabatt)(?:codes?|kod|koder)"
    "|vouchers?|coupons?|gutscheine?|presentkort|bondachat|code(?:promo|cadeau|avantage)"
)


class Vault(lists.Vault):
    """The vault of voucher codes."""

    PURPOSE: ClassVar = b"kontor voucher fingerprints"


@dataclass(frozen=True, slots=True)
class Filling:
    """What became of a list: how many codes are new in the pool, and the lines that are not taken as they are."""

    taken: int
    report: dict[str, Any]


def seal_codes(content: bytes, vault: Vault, options: Options) -> SealedList:
    """Read a list and seal its codes; raises what `read_list` raises."""
    return seal_list(content, Kind(_form, SHORTEST, LONGEST, MOST_LINES, HEADINGS), vault, options)


async def import_codes(tx: Tx, tenant: str, reward_id: str, listed: SealedList) -> Filling:
    """Put codes into a voucher's pool; a list that is known whole changes nothing.

    Raises RewardUnknown for what is no voucher, and ListRefused with the lines that are faulty, unlike the others,
    repeated or known, unless the options of the list allow for them.
    """
    filling = await preview(tx, tenant, reward_id, listed)
    if not filling.taken:
        return filling
    await codes.add(tx, tenant, reward_id, listed.entries)
    tx.audit("reward", reward_id, after={"codes": filling.taken})
    return filling


async def preview(tx: Tx, tenant: str, reward_id: str, listed: SealedList) -> Filling:
    """Return what an import would do now, and do nothing; raises what `import_codes` raises."""
    await _check_voucher(tx, tenant, reward_id)
    await programme.serialise(tx, tenant)
    known = await codes.known(tx, tenant, listed.entries)
    report = listed.report(known=known)
    if len(known) == len(listed.entries) and not listed.reading.faulty:
        return Filling(0, report)
    taken = listed.taken(known)
    if not taken:
        raise refusal(report)
    return Filling(taken, report)


async def retry_unreadable(tx: Tx, tenant: str, reward_id: str, vault: Vault) -> tuple[int, int]:
    """Put codes that did not open back into the pool where they open now; return how many do, and how many do not.

    Raises RewardUnknown for what is no voucher.
    """
    await _check_voucher(tx, tenant, reward_id)
    waiting = await codes.unreadable(tx, tenant, reward_id)
    readable = [fingerprint for fingerprint, box in waiting if vault.opened(box, fingerprint) is not None]
    await codes.put_back(tx, tenant, readable)
    tx.audit("reward", reward_id, after={"readable": len(readable)})
    return len(readable), len(waiting) - len(readable)


async def _check_voucher(tx: Tx, tenant: str, reward_id: str) -> None:
    reward = await programme.find(tx, tenant, reward_id)
    if reward is None or reward.kind != RewardKind.VOUCHER:
        raise RewardUnknown


def _form(text: str) -> str:
    if holds_card(text):
        raise EntryRefused("looks-like-a-card-number")
    return compact(text)
