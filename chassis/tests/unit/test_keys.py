"""Key rings: keys are fetched, kept for a while, and dropped."""

import asyncio
import copy
import pickle
from collections.abc import Sequence
from uuid import UUID, uuid4

import orjson
import pytest
from chassis.identity.keys import ERASED, KeyRing, Keys, KeysUnavailable, Tombstone
from chassis.identity.sealing import SealBroken, new_key_pair, seal
from chassis_testing.harness import until
from contracts.event import Sealed, SubjectKey


class Vault:
    """Key pairs as accounts holds them, with what a fetch of them was asked."""

    def __init__(self) -> None:
        self.halves: dict[UUID, bytes | Tombstone] = {}
        self.asked: list[list[UUID]] = []
        self.down = False

    def box(self, text: str = "text") -> Sealed:
        private, public = new_key_pair()
        key = uuid4()
        self.halves[key] = private
        return seal(text, SubjectKey(key=key, public=public), "email")

    async def fetch(self, keys: Sequence[UUID]) -> dict[UUID, bytes | Tombstone]:
        self.asked.append(list(keys))
        await asyncio.sleep(0)
        if self.down:
            raise KeysUnavailable("down")
        return {key: self.halves[key] for key in keys if key in self.halves}


@pytest.fixture
def vault() -> Vault:
    return Vault()


def test_erased_is_false_and_reads_as_null():
    assert not ERASED
    assert repr(ERASED) == str(ERASED) == "ERASED"
    assert isinstance(ERASED, Tombstone)
    assert orjson.dumps([ERASED]) == b"[null]"
    assert copy.deepcopy(ERASED) is ERASED
    assert pickle.loads(pickle.dumps(ERASED)) is ERASED  # noqa: S301 -- what was pickled a moment ago


async def test_what_was_unlocked_opens_and_only_that(vault: Vault):
    one, other = vault.box("one"), vault.box("other")
    keys = await KeyRing(vault.fetch).unlock([one])
    assert keys.open(one) == "one"
    with pytest.raises(KeysUnavailable):
        keys.open(other)


def test_empty_keys_open_nothing(vault: Vault):
    with pytest.raises(KeysUnavailable):
        Keys().open(vault.box())


async def test_a_tombstone_reads_as_erased(vault: Vault):
    box = vault.box()
    vault.halves[box.key] = ERASED
    assert (await KeyRing(vault.fetch).unlock([box])).open(box) is ERASED


async def test_a_key_accounts_does_not_name_is_unavailable_and_not_erased(vault: Vault):
    box, known = vault.box(), vault.box("known")
    del vault.halves[box.key]
    keys = await KeyRing(vault.fetch).unlock([box, known])
    assert keys.open(known) == "known"
    with pytest.raises(KeysUnavailable):
        keys.open(box)


async def test_a_failed_fetch_is_unavailable_and_not_erased(vault: Vault):
    vault.down = True
    with pytest.raises(KeysUnavailable):
        await KeyRing(vault.fetch).unlock([vault.box()])


async def test_a_box_moved_to_another_unlocked_key_is_broken(vault: Vault):
    one, other = vault.box(), vault.box()
    keys = await KeyRing(vault.fetch).unlock([one, other])
    with pytest.raises(SealBroken):
        keys.open(one.model_copy(update={"key": other.key}))


async def test_one_call_fetches_what_is_missing_in_batches_of_500(vault: Vault):
    boxes = [vault.box() for _ in range(3)]
    ring = KeyRing(vault.fetch)
    await ring.unlock([boxes[0]])
    more = [Sealed(key=uuid4(), kind="email", box=b"") for _ in range(1000)]
    await ring.unlock([*boxes, *boxes, *more])
    assert [len(batch) for batch in vault.asked] == [1, 500, 500, 2]
    assert len({key for batch in vault.asked for key in batch}) == 1003


async def test_nothing_is_asked_for_nothing(vault: Vault):
    await KeyRing(vault.fetch).unlock([])
    assert vault.asked == []


async def test_no_half_is_used_longer_than_the_lifetime_not_even_by_keys_handed_out(vault: Vault):
    box = vault.box()
    ring = KeyRing(vault.fetch, lifetime_seconds=0.1)
    keys = await ring.unlock([box])
    assert keys.open(box) == "text"
    await asyncio.sleep(0.12)
    with pytest.raises(KeysUnavailable):
        keys.open(box)
    await ring.unlock([box])
    assert len(vault.asked) == 2


async def test_a_half_near_its_end_is_fetched_anew(vault: Vault):
    box = vault.box()
    ring = KeyRing(vault.fetch, lifetime_seconds=0.3)
    await ring.unlock([box])
    await asyncio.sleep(0.26)
    keys = await ring.unlock([box])
    await asyncio.sleep(0.1)
    assert keys.open(box) == "text"


async def test_the_ring_keeps_no_more_than_its_limit_and_drops_the_longest_unused(vault: Vault):
    one, two, three = vault.box(), vault.box(), vault.box()
    ring = KeyRing(vault.fetch, limit=2)
    for box in (one, two, one, three):
        await ring.unlock([box])
    vault.asked.clear()
    await ring.unlock([one, three])
    assert vault.asked == []
    await ring.unlock([two])
    assert vault.asked == [[two.key]]


async def test_more_keys_than_the_limit_still_open_at_once(vault: Vault):
    boxes = [vault.box(str(number)) for number in range(5)]
    keys = await KeyRing(vault.fetch, limit=2).unlock(boxes)
    assert [keys.open(box) for box in boxes] == ["0", "1", "2", "3", "4"]


async def test_a_forgotten_half_is_asked_for_anew_and_a_tombstone_stays(vault: Vault):
    box = vault.box()
    ring = KeyRing(vault.fetch)
    await ring.unlock([box])
    ring.forget(box.key)
    vault.halves[box.key] = ERASED
    assert (await ring.unlock([box])).open(box) is ERASED
    ring.forget(box.key)
    assert (await ring.unlock([box])).open(box) is ERASED
    assert len(vault.asked) == 2


async def test_a_half_that_is_too_old_leaves_the_memory_though_nobody_asks_again(vault: Vault):
    erased, *boxes = [vault.box() for _ in range(3)]
    vault.halves[erased.key] = ERASED
    ring = KeyRing(vault.fetch, lifetime_seconds=0.3)
    await ring.unlock([erased, boxes[0]])
    await ring.unlock(boxes)
    assert ring.held == 2

    async def swept() -> bool:
        return ring.held == 0

    await until(swept, timeout=5, what="the sweep")
    assert (await ring.unlock([erased])).open(erased) is ERASED
    assert len(vault.asked) == 2, "a tombstone stays"


async def test_a_half_forgotten_while_on_its_way_is_not_kept(vault: Vault):
    box = vault.box()
    ring = KeyRing(vault.fetch)
    unlocking = asyncio.create_task(ring.unlock([box]))
    await asyncio.sleep(0)
    ring.forget(box.key)
    keys = await unlocking
    with pytest.raises(KeysUnavailable):
        keys.open(box)
    await ring.unlock([box])
    assert len(vault.asked) == 2


async def test_no_private_half_shows_itself(vault: Vault):
    box = vault.box()
    private = vault.halves[box.key]
    assert isinstance(private, bytes)
    ring = KeyRing(vault.fetch)
    keys = await ring.unlock([box])
    shown = repr(keys) + repr(vars(keys)) + repr(ring) + repr(vars(ring))
    assert repr(private) not in shown
    assert repr(private)[2:-1] not in shown
