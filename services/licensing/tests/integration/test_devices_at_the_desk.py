"""Staff sees on which devices a customer's key is active, and support frees one; both are recorded. LIC-5"""

import json
from typing import Any
from uuid import uuid4

from chassis_testing.members import acting
from contracts.shared import KeySource

from services.licensing.tests.integration.conftest import Counter, Sale

ACTS = "select actor, permission, purpose, after from chassis.audit where object_id = $1 order by number"


async def active(counter: Counter, sku: str, **changes: Any) -> tuple[Sale, str, str]:
    """A sale whose key is active on one device; where its devices stand, and the key."""
    await counter.sells(sku, devices=1)
    sale = counter.sale(sku, key_source=KeySource.GENERATED, **changes)
    await counter.home.publish(sale.paid())
    await counter.quiet()
    key = (await counter.texts(sale))[sale.units[0]]
    assert (await counter.ask("/activations", key, device="a", name="Erikas Notebook"))["activated"]
    _, seen = await counter.get(f"/orders/{sale.order}/licenses", counter.customer(sale))
    return sale, f"/orders/{sale.order}/licenses/{seen['items'][0]['license']}/devices", key


async def freed_for(counter: Counter, path: str, device: str, headers: dict[str, str], reason: str = "lost") -> int:
    asked = f"{path}/{device}/freeing-for"
    async with counter.home.http.post(asked, json={"reason": reason}, headers=headers) as answer:
        return answer.status


async def test_support_frees_a_device_and_both_is_recorded(counter: Counter):
    _, path, key = await active(counter, "FOR")
    support = counter.staff("support")
    status, found = await counter.get(path, support)
    assert status == 200
    (device,) = found["items"]
    assert device["name"] == "Erikas Notebook"
    assert (await counter.home.sql(ACTS, path.split("/")[2]))[-1]["purpose"] == f"devices: key {path.split('/')[4]}"
    assert await freed_for(counter, path, device["device"], support, "because") == 422
    assert await freed_for(counter, path, device["device"], support) == 204
    assert await counter.validate(key, device="a") == "not_activated"
    assert await freed_for(counter, path, device["device"], support) == 204  # it stays so
    first, *_ = await counter.home.sql(ACTS, device["device"])
    assert first["permission"] == "support"
    assert {"freed": True, "reason": "lost"}.items() <= json.loads(first["after"]).items()
    assert (await counter.get(path, support))[1]["items"] == []


async def test_a_list_without_names_is_no_reading(counter: Counter):
    _, path, key = await active(counter, "NAMELESS")
    await counter.home.sql("update activations set name = null")
    before = await counter.home.sql(ACTS, path.split("/")[2])
    assert (await counter.get(path, counter.staff("sales")))[1]["items"][0]["name"] is None
    assert len(await counter.home.sql(ACTS, path.split("/")[2])) == len(before)
    assert await counter.validate(key, device="a") == "valid"


async def test_nobody_else_frees_a_device_for_a_customer(counter: Counter):
    sale, path, key = await active(counter, "THEIRS", tenant="kontor")
    other, foreign, _ = await active(counter, "THEIRS")
    (device,) = (await counter.get(path, counter.staff("reviewer")))[1]["items"]
    for role in ("sales", "reviewer", "files", "bookkeeping", "administrator"):
        assert await freed_for(counter, path, device["device"], counter.staff(role)) == 403, role
    for headers in (counter.customer(sale), counter.customer(other), acting(counter.home, uuid4(), uuid4(), "auditor")):
        assert await freed_for(counter, path, device["device"], headers) == 403
    elsewhere = counter.staff("support", tenant="nordlicht")
    assert (await counter.get(path, elsewhere))[0] == 404
    assert await freed_for(counter, path, device["device"], elsewhere) == 404
    assert await freed_for(counter, path, device["device"], {}) == 401
    for role in ("files", "bookkeeping"):
        assert (await counter.get(path, counter.staff(role)))[0] == 403
    # by the address of another's key, or of a device that is none
    assert await freed_for(counter, foreign, device["device"], counter.staff("support")) == 404
    assert await freed_for(counter, path, str(uuid4()), counter.staff("support")) == 404
    assert await counter.validate(key, device="a") == "valid"
