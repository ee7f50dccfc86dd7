"""A share of an export: boxes become texts, texts are cut into parts."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import orjson
import pytest
from chassis.config.clock import Clock
from chassis.db.outbox import LARGEST
from chassis.exporting import Share, parts_of, readable
from chassis.exporting.share import PART_BYTES, document_of
from chassis.identity import KeyRings, new_key_pair, seal
from chassis.identity.keys import ERASED, KeysUnavailable, Tombstone
from contracts.event import Sealed, SubjectKey
from contracts.exports import DataExportRequested
from contracts.wire import encode
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 2, 11, tzinfo=UTC)


class Keys:
    """Keys that accounts gives for each purpose, and whether it can be reached."""

    def __init__(self) -> None:
        self.of: dict[str, dict[UUID, bytes | Tombstone]] = {}
        self.away = False

    def box(self, purpose: str, text: str) -> Sealed:
        private, public = new_key_pair()
        key = SubjectKey(key=uuid4(), public=public)
        self.of.setdefault(purpose, {})[key.key] = private
        return seal(text, key, "name")

    def rings(self) -> KeyRings:
        return KeyRings(lambda purpose: partial(self._fetch, purpose), Clock())

    async def _fetch(self, purpose: str, keys: object) -> dict[UUID, bytes | Tombstone]:
        del keys
        if self.away:
            raise KeysUnavailable
        return self.of.get(purpose, {})


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(4, 40))
def test_the_parts_of_a_text_are_the_text_and_none_is_too_long(text: str, limit: int):
    parts = parts_of(text, limit)
    assert "".join(parts) == text
    assert parts
    assert all(len(part.encode()) <= limit for part in parts)


@pytest.mark.parametrize("sign", ["a", "ü", "€", "𝄞"])
def test_a_part_is_an_event_that_kafka_takes(sign: str):
    _, public = new_key_pair()
    key = SubjectKey(key=uuid4(), public=public)
    request = DataExportRequested.model_validate(
        {**DataExportRequested.EXAMPLE, "sealed_to": key.model_dump(mode="json")}
    )
    parts = parts_of(sign * PART_BYTES)
    for number, part in enumerate(parts, 1):
        event = request.answered_by("mail-relay", uuid4(), number, len(parts), seal(part, key, "share"))
        assert len(encode(event)) <= LARGEST


async def test_boxes_are_opened_wherever_they_stand_by_the_purpose_that_opens_them():
    keys = Keys()
    records = {
        "orders": [{"to": keys.box("export", "Erika"), "lines": [{"note": keys.box("export more", "Hallo")}]}],
        "none": [{"number": 3, "nothing": None}],
    }
    found = await readable(Share(records, ("a note",)), keys.rings(), ["export", "export more"])
    assert found == {
        "notes": ["a note"],
        "orders": [{"to": "Erika", "lines": [{"note": "Hallo"}]}],
        "none": [{"number": 3, "nothing": None}],
    }


async def test_what_may_not_be_opened_is_null_with_a_note_and_what_is_erased_is_null():
    keys = Keys()
    denied, erased = keys.box("other", "secret"), keys.box("export", "gone")
    keys.of["export"][erased.key] = ERASED
    found = await readable(Share({"orders": [{"erased": erased}]}), keys.rings(), ["export"])
    assert found == {"notes": [], "orders": [{"erased": None}]}
    found = await readable(Share({"orders": [{"denied": denied}]}), keys.rings(), ["export"])
    assert found["orders"] == [{"denied": None}]
    assert len(found["notes"]) == 1


async def test_a_box_of_another_kind_or_changed_is_not_opened():
    keys = Keys()
    box = keys.box("export", "Erika")
    broken = Sealed(key=box.key, kind=box.kind, box=box.box[:-1] + bytes([box.box[-1] ^ 1]))
    found = await readable(Share({"orders": [{"broken": broken}]}), keys.rings(), ["export"])
    assert found["orders"] == [{"broken": None}]
    assert found["notes"]


async def test_while_accounts_is_away_nothing_is_exported_as_if_it_could_not_be_opened():
    keys = Keys()
    share = Share({"orders": [{"to": keys.box("export", "Erika")}]})
    keys.away = True
    with pytest.raises(KeysUnavailable):
        await readable(share, keys.rings(), ["export"])
    keys.away = False
    assert (await readable(share, keys.rings(), ["export"]))["orders"] == [{"to": "Erika"}]


def test_a_document_holds_ids_times_and_what_a_database_has():
    id_ = uuid4()
    text = document_of("orders", NOW, {"notes": [], "orders": [{"id": id_, "window": timedelta(days=1), "at": NOW}]})
    assert orjson.loads(text) == {
        "service": "orders",
        "taken_at": "2026-11-02T11:00:00+00:00",
        "notes": [],
        "orders": [{"id": str(id_), "window": "86400 seconds", "at": "2026-11-02T11:00:00+00:00"}],
    }
