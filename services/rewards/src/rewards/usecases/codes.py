"""Filling a voucher's pool: a list of codes is taken whole or not at all, and kept sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from chassis.db import Tx
from chassis.lists import EntryRefused, Kind, Options, Reading, counted, read_list, typed
from chassis.telemetry import holds_card
from contracts.rewards import RewardKind

from chassis import lists
from rewards.domain.codes import HEADINGS, LONGEST, MOST_LINES, SHORTEST, CodesRefused
from rewards.domain.rewards import RewardUnknown
from rewards.store import codes, programme
from rewards.store.codes import SealedCode


class Vault(lists.Vault):
    """The vault of voucher codes."""

    PURPOSE: ClassVar = b"kontor voucher fingerprints"


@dataclass(frozen=True, slots=True)
class SealedList:
    """A list that was read, its codes sealed."""

    codes: Sequence[SealedCode]
    reading: Reading
    options: Options


@dataclass(frozen=True, slots=True)
class Filling:
    """What became of a list: how many codes are new in the pool, and the lines that are not taken as they are."""

    taken: int
    report: dict[str, Any]


def seal_list(content: bytes, vault: Vault, options: Options) -> SealedList:
    """Read a list and seal its codes; raises what `read_list` raises."""
    reading = read_list(content, Kind(HEADINGS, _form, SHORTEST, LONGEST, MOST_LINES), options)
    sealed: list[SealedCode] = []
    for code in reading.entries:
        fingerprint = vault.fingerprint(code.form)
        sealed.append(SealedCode(fingerprint, code.line, vault.seal(code.text, fingerprint)))
    return SealedList(sealed, reading, options)


async def import_codes(tx: Tx, tenant: str, reward_id: str, listed: SealedList) -> Filling:
    """Put codes into a voucher's pool; a list that is known whole changes nothing.

    Raises RewardUnknown for what is no voucher, and CodesRefused with the lines that are faulty, unlike the others,
    repeated or known, unless the options of the list allow for them.
    """
    filling = await preview(tx, tenant, reward_id, listed)
    known = filling.report["known"]["count"]
    if known == len(listed.codes) and not listed.reading.faulty:
        return Filling(0, filling.report)
    if not filling.taken:
        raise CodesRefused({name: lines for name, lines in filling.report.items() if lines["count"]})
    await codes.add(tx, tenant, reward_id, listed.codes)
    tx.audit("reward", reward_id, after={"codes": filling.taken})
    return filling


async def preview(tx: Tx, tenant: str, reward_id: str, listed: SealedList) -> Filling:
    """Return what an import would do now, and do nothing; raises RewardUnknown for what is no voucher."""
    reward = await programme.find(tx, tenant, reward_id)
    if reward is None or reward.kind != RewardKind.VOUCHER:
        raise RewardUnknown
    await programme.serialise(tx, tenant)
    known = await codes.known(tx, tenant, listed.codes)
    taken = 0 if listed.reading.refused(listed.options, known) else len(listed.codes) - len(known)
    return Filling(taken, listed.reading.facts() | {"known": counted(known)})


async def retry_unreadable(tx: Tx, tenant: str, reward_id: str, vault: Vault) -> tuple[int, int]:
    """Put codes that did not open back into the pool where they open now; return how many do, and how many do not."""
    waiting = await codes.unreadable(tx, tenant, reward_id)
    readable = [fingerprint for fingerprint, box in waiting if vault.opened(box, fingerprint) is not None]
    await codes.put_back(tx, tenant, readable)
    tx.audit("reward", reward_id, after={"readable": len(readable)})
    return len(readable), len(waiting) - len(readable)


def _form(text: str) -> str:
    if holds_card(text):
        raise EntryRefused("looks-like-a-card-number")
    return typed(text).replace(" ", "").replace("-", "")
