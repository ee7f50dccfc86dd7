"""What staff can do without a row in the audit log: nothing. PLT-19"""

from collections.abc import Sequence
from uuid import UUID

import orjson
import pytest
from chassis.db import Once, Tx
from chassis.db.audit import as_json
from chassis.identity import Caller, KeyRing, ReadingUnrecorded, new_key_pair, seal
from chassis.identity.acting import Act, acting
from chassis.identity.keys import Tombstone
from chassis.web import Routes
from contracts.event import Sealed, SubjectKey

PRIVATE, PUBLIC = new_key_pair()
BOX = seal("Erika", SubjectKey(key=UUID(int=7), public=PUBLIC), "name")


async def fetch(keys: Sequence[UUID]) -> dict[UUID, bytes | Tombstone]:
    return dict.fromkeys(keys, PRIVATE)


async def test_a_ring_opens_nothing_for_staff_until_a_reading_for_its_purpose_is_recorded():  # M24
    ring, act = KeyRing(fetch, purpose="shipping"), Act("erika", "sales", "GET /addresses")
    assert (await ring.unlock([BOX])).open(BOX) == "Erika"
    with acting(act):
        with pytest.raises(ReadingUnrecorded):
            await ring.unlock([BOX])
        act.read_for.add("bookkeeping")
        with pytest.raises(ReadingUnrecorded):
            await ring.unlock([BOX])
        act.read_for.add("shipping")
        assert (await ring.unlock([BOX])).open(BOX) == "Erika"


def test_a_route_of_staff_cannot_write_past_the_log():
    async def write(once: Once, caller: Caller) -> None: ...

    async def act(tx: Tx, caller: Caller) -> None: ...

    Routes().post("/acts", allow="customer")(write)
    Routes().post("/acts", allow=("customer", "sales"))(act)
    for allowed in ((), "sales", ("customer", "sales"), "a role that is new"):
        with pytest.raises(TypeError, match="without a row"):
            Routes().post("/acts", allow=allowed)(write)


def test_facts_are_masked_unless_they_are_sealed():
    kept = as_json(
        {"mail": "x", "text": "to erika@example.org 4111111111111111", "to": BOX, "units": [UUID(int=7)] * 2}
    )
    assert "erika" not in kept.lower()
    assert "4111" not in kept
    assert Sealed.parse(orjson.loads(kept)["to"]["sealed"]) == BOX
