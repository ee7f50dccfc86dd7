"""Private keys of subjects, disclosed to the services and for the purposes that the table names."""

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Tx
from chassis.telemetry import metrics

from accounts.domain.purposes import RECORDS, kind_for
from accounts.store import subject_keys
from accounts.store.subject_keys import Disclosure
from accounts.usecases.key_management import KeyManagement

disclosed = metrics.of("accounts").counter(
    "subject_keys_disclosed", "Private keys of subjects given to services.", ["service", "purpose"]
)


@dataclass(frozen=True, slots=True)
class DisclosedKey:
    """A private key in base64; `erased` where it is destroyed for ever."""

    key: UUID
    private: str | None = field(default=None, repr=False)
    erased: bool | None = None


async def disclose(
    tx: Tx, service: str, purpose: str, key_ids: Sequence[UUID], kms: KeyManagement
) -> list[DisclosedKey]:
    """Disclose what the table allows, and log it; other keys are not answered, as if they were unknown."""
    kind = kind_for(service, purpose)
    if kind is None:
        return []
    answers: list[DisclosedKey] = []
    disclosures: list[Disclosure] = []
    for key in await subject_keys.requested(tx, key_ids, kind):
        if key.erased:
            answers.append(DisclosedKey(key.id, erased=True))
        elif key.wrapped_key is not None:
            private = base64.b64encode(kms.master.unwrap(key.wrapped_key, key.id)).decode()
            answers.append(DisclosedKey(key.id, private=private))
            disclosures.append(Disclosure(key.tenant, key.id))
    if kind != RECORDS:
        counts = Counter(disclosure.tenant for disclosure in disclosures)
        disclosures = [Disclosure(tenant, None, count) for tenant, count in sorted(counts.items())]
    disclosed.labels(service, purpose).inc(sum(one.private is not None for one in answers))
    await subject_keys.log_disclosures(tx, service, purpose, kind, disclosures)
    return answers
