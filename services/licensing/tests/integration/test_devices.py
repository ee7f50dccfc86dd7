"""Keys are active on so many devices and no more; programs activate and give back, customers free. LIC-5"""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from chassis.identity import seal
from chassis_testing.exports import exported
from chassis_testing.members import acting
from contracts.shared import KeySource, KeysPer

from services.licensing.tests.integration.conftest import Counter, Sale

NAME_LAST = """
update activations
set name = $2
where id = (select id from activations where order_id = $1 order by activated_at desc, id desc limit 1)
"""


async def bought(counter: Counter, sku: str, devices: int | None, units: int = 1, **changes: Any) -> tuple[Sale, str]:
    """A sale, and the text of its first key, which may be active on so many devices."""
    await counter.sells(sku, devices=devices)
    sale = counter.sale(sku, units, key_source=KeySource.GENERATED, **changes)
    await counter.home.publish(sale.paid())
    await counter.quiet()
    return sale, (await counter.texts(sale))[sale.units[0]]


async def activated(counter: Counter, key: str, device: str, **more: Any) -> tuple[str, int | None]:
    said = await counter.ask("/activations", key, device=device, **more)
    assert said["activated"] is (said["code"] == "valid")
    return said["code"], said["devices"]


async def of_order(counter: Counter, sale: Sale) -> list[dict[str, Any]]:
    return (await counter.get(f"/orders/{sale.order}/licenses", counter.customer(sale)))[1]["items"]


async def listed(counter: Counter, sale: Sale, headers: dict[str, str] | None = None) -> tuple[int, str, Any]:
    """The answer to who asks for the devices of a sale's key, and where that stands."""
    path = f"/orders/{sale.order}/licenses/{(await of_order(counter, sale))[0]['license']}/devices"
    status, said = await counter.get(path, headers or counter.customer(sale))
    return status, path, said.get("items")


async def freed(counter: Counter, path: str, device: str, headers: dict[str, str]) -> int:
    async with counter.home.http.post(f"{path}/{device}/freeing", headers=headers) as answer:
        return answer.status


async def test_a_key_is_active_on_so_many_devices_and_no_more(counter: Counter):
    sale, key = await bought(counter, "TWO", 2)
    assert await activated(counter, key, "a") == ("valid", 1)
    assert await activated(counter, key, "b") == ("valid", 2)
    assert await activated(counter, key, "a") == ("valid", 2)
    assert await activated(counter, key, "c") == ("too_many_devices", 2)
    assert await counter.validate(key) == "valid"
    assert [await counter.validate(key, device=one) for one in "abc"] == ["valid", "valid", "not_activated"]
    (shown,) = await of_order(counter, sale)
    assert (shown["devices"], shown["device_limit"]) == (2, 2)


async def test_F_L06_of_many_that_ask_at_once_no_more_are_admitted(counter: Counter):
    _, other = await bought(counter, "WARM", None)
    # the first to ask open the connections, one after the other; only then do they race
    await asyncio.gather(*(activated(counter, other, f"device {number}") for number in range(100)))
    sale, key = await bought(counter, "RACE", 3)
    answers = await asyncio.gather(*(activated(counter, key, f"device {number}") for number in range(50)))
    assert [code for code, _ in answers].count("valid") == 3
    same = await asyncio.gather(*(activated(counter, key, "device 0") for _ in range(10)))
    assert len({code for code, _ in same}) == 1
    assert (await of_order(counter, sale))[0]["devices"] == 3


async def test_a_device_that_is_given_back_makes_room(counter: Counter):
    _, key = await bought(counter, "ONE", 1)
    assert await counter.ask("/deactivations", key, device="a") == {"deactivated": False, "code": "not_activated"}
    await activated(counter, key, "a")
    assert (await activated(counter, key, "b"))[0] == "too_many_devices"
    assert await counter.ask("/deactivations", key, device="a") == {"deactivated": True, "code": "valid"}
    assert await activated(counter, key, "b") == ("valid", 1)
    assert (await counter.ask("/deactivations", "ABCD-EFGH", device="a"))["code"] == "unknown"


async def test_a_customer_frees_a_device(counter: Counter):  # E11
    sale, key = await bought(counter, "FREE", 1)
    await activated(counter, key, "a", name="Erikas Notebook")
    _, path, (device,) = await listed(counter, sale)
    assert device["name"] == "Erikas Notebook"
    assert await freed(counter, path, device["device"], counter.customer(sale)) == 204
    assert await freed(counter, path, device["device"], counter.customer(sale)) == 204  # it stays so
    assert (await listed(counter, sale))[2] == []
    assert await counter.validate(key, device="a") == "not_activated"
    assert await activated(counter, key, "b") == ("valid", 1)
    assert await freed(counter, path, str(uuid4()), counter.customer(sale)) == 404


async def test_nobody_else_sees_or_frees_a_device(counter: Counter):
    sale, key = await bought(counter, "MINE", 1)
    await activated(counter, key, "a")
    _, path, (device,) = await listed(counter, sale)
    other, _ = await bought(counter, "MINE", 1)
    elsewhere = counter.home.bearer(counter.home.accounts.token(sale.customer, "customer", tenant="nordlicht"))
    for headers in (counter.customer(other), elsewhere):
        assert (await listed(counter, sale, headers))[0] == 404
        assert await freed(counter, path, device["device"], headers) == 404
    # by the address of a key of one's own
    _, own, _ = await listed(counter, other)
    assert await freed(counter, own, device["device"], counter.customer(other)) == 404
    for role in ("sales", "support", "reviewer"):  # this route is the customer's
        assert await freed(counter, path, device["device"], counter.staff(role)) == 403
    assert len((await listed(counter, sale))[2]) == 1


async def test_owners_of_an_organisation_free_devices_and_auditors_do_not(counter: Counter):  # ORD-14
    organisation = uuid4()
    await counter.sells("FIRM", devices=1)
    sale = counter.sale("FIRM", key_source=KeySource.GENERATED)
    await counter.home.publish(sale.paid().model_copy(update={"organisation": organisation}))
    await counter.quiet()
    await activated(counter, (await counter.texts(sale))[sale.units[0]], "a")
    _, path, (device,) = await listed(counter, sale)
    owner, auditor = (acting(counter.home, uuid4(), organisation, role) for role in ("owner", "auditor"))
    assert (await counter.get(path, auditor))[0] == 404
    assert await freed(counter, path, device["device"], auditor) == 404
    assert (await counter.get(path, owner))[0] == 200
    assert await freed(counter, path, device["device"], owner) == 204


async def test_units_that_share_a_key_allow_so_many_devices_each(counter: Counter):
    sale, key = await bought(counter, "SHARED", 2, 2, keys_per=KeysPer.PURCHASE)
    codes = [(await activated(counter, key, device))[0] for device in "abcde"]
    assert codes == ["valid"] * 4 + ["too_many_devices"]
    await counter.home.publish(sale.refunded(sale.units[1]))
    await counter.quiet()
    assert await counter.ask("/deactivations", key, device="a") == {"deactivated": True, "code": "valid"}
    assert await activated(counter, key, "e") == ("too_many_devices", 3)  # the unit that is left allows two


async def test_a_key_that_counts_no_more_is_activated_nowhere(counter: Counter):
    sale, key = await bought(counter, "BACK", 3)
    await activated(counter, key, "a")
    await counter.home.publish(sale.refunded())
    await counter.quiet()
    assert await activated(counter, key, "a") == ("revoked", None)
    assert await activated(counter, key, "b") == ("revoked", None)
    assert await counter.validate(key, device="a") == "revoked"
    assert (await counter.ask("/deactivations", key, device="a"))["deactivated"] is True
    for asked, code in (({"sku": "OTHER"}, "other_product"), ({"tenant": "nordlicht"}, "unknown")):
        assert (await counter.ask("/activations", key, device="a", **asked))["code"] == code


async def test_what_was_bought_keeps_its_limit(counter: Counter):
    _, before = await bought(counter, "CHANGED", 1)
    settings = "update stocks set devices = null where tenant = 'kontor' and sku = 'CHANGED'"
    await counter.home.sql(settings)
    _, after = await bought(counter, "CHANGED", None)
    assert [(await activated(counter, before, one))[0] for one in "ab"] == ["valid", "too_many_devices"]
    assert [(await activated(counter, after, one))[0] for one in "abcdef"] == ["valid"] * 6


async def test_a_device_is_the_same_in_no_other_tenant_and_its_name_is_sealed(counter: Counter):
    sale, key = await bought(counter, "NAMED", 2)
    await activated(counter, key, "serial 4711", name="Erikas Notebook")
    rows = await counter.home.sql("select * from activations where order_id = $1", sale.order)
    kept = repr([dict(row) for row in rows])
    assert "4711" not in kept
    assert "Notebook" not in kept
    share = await exported(counter.home, sale.customer)
    assert [one["name"] for one in share["devices"]] == ["Erikas Notebook"]
    counter.home.accounts.erased.add(sale.contact.key)
    (device,) = (await listed(counter, sale))[2]
    assert (device["name"], UUID(device["device"]).version) == (None, 7)


async def test_a_name_turns_nothing_around(counter: Counter):
    sale, key = await bought(counter, "TURNED", None)
    for device, name in (("a", "Erikas\u2028Note\u202ebook\u0085"), ("b", "\u202e\u2066"), ("c", "Büro 💻")):
        assert (await activated(counter, key, device, name=name))[0] == "valid"
    # as it was kept before names were cleaned
    turned = seal("gnp\u202eexe", sale.contact, "device name")
    assert (await activated(counter, key, "d"))[0] == "valid"
    await counter.home.sql(NAME_LAST, sale.order, str(turned))
    assert [one["name"] for one in (await listed(counter, sale))[2]] == ["Erikas Notebook", None, "Büro 💻", "gnpexe"]
    share = await exported(counter.home, sale.customer)
    assert [one["name"] for one in share["devices"]][:3] == ["Erikas Notebook", None, "Büro 💻"]


async def test_what_no_program_sends_is_refused(counter: Counter):
    for body in (
        {"device": ""},
        {"device": "a" * 201},
        {"device": "a", "name": "a" * 61},
        {"device": "a", "name": "a\r\nb"},
        {"device": "a", "more": 1},
        {},
    ):
        asked = {"license_key": "ABCD-EFGH", "tenant": "kontor", **body}
        async with counter.home.http.post("/activations", json=asked) as answer:
            assert answer.status == 422, body
