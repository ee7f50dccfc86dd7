"""Private halves of subjects' keys, for the services and purposes that the table names."""

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Tx
from chassis.identity.sealing import MasterKey

from accounts.domain.purposes import RECORDS, kind_for
from accounts.store import subject_keys


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A key: its private half in base64, or the word that it is destroyed for ever."""

    key: UUID
    private: str | None = field(default=None, repr=False)
    erased: bool | None = None


async def hand_out(tx: Tx, service: str, purpose: str, keys: Sequence[UUID], master: MasterKey) -> list[HandedOut]:
    """Hand out what the table allows, and log it; other keys are not answered, as if they were unknown."""
    kind = kind_for(service, purpose)
    if kind is None:
        return []
    found = await subject_keys.asked(tx, keys, kind)
    given = [asked for asked in found if not asked.erased and asked.wrapped is not None]
    if kind == RECORDS:
        for asked in given:
            await subject_keys.log_handout(tx, asked.tenant, service, purpose, kind, asked.key, 1)
    else:
        for tenant, count in sorted(Counter(asked.tenant for asked in given).items()):
            await subject_keys.log_handout(tx, tenant, service, purpose, kind, None, count)
    return [_answer(asked, master) for asked in found if asked.erased or asked.wrapped is not None]


def _answer(asked: subject_keys.Asked, master: MasterKey) -> HandedOut:
    if asked.erased or asked.wrapped is None:
        return HandedOut(asked.key, erased=True)
    return HandedOut(asked.key, private=base64.b64encode(master.unwrap(asked.wrapped, asked.key)).decode())
