"""A device that is freed is published once, sealed, with who has freed it. LIC-5"""

import asyncio
from uuid import UUID

from contracts.licensing import DeviceFreed
from contracts.shared import KeySource

from services.licensing.tests.integration.conftest import Counter, Sale


async def active(counter: Counter, sku: str, *devices: str) -> tuple[Sale, str, list[str]]:
    """A sale whose key is active on these devices; where they stand, and their ids."""
    await counter.sells(sku, devices=len(devices))
    sale = counter.sale(sku, key_source=KeySource.GENERATED)
    await counter.home.publish(sale.paid())
    await counter.quiet()
    key = (await counter.texts(sale))[sale.units[0]]
    for device in devices:
        await counter.ask("/activations", key, device=device, name=f"{device} of Erika")
    _, seen = await counter.get(f"/orders/{sale.order}/licenses", counter.customer(sale))
    path = f"/orders/{sale.order}/licenses/{seen['items'][0]['license']}/devices"
    _, found = await counter.get(path, counter.customer(sale))
    return sale, path, [one["device"] for one in found["items"]]


async def of_sale(counter: Counter, sale: Sale) -> list[DeviceFreed]:
    await counter.quiet()
    return [one for one in await counter.home.published(DeviceFreed) if one.order == sale.order]


async def freed(counter: Counter, address: str, headers: dict[str, str], body: dict[str, str] | None = None) -> int:
    async with counter.home.http.post(address, json=body, headers=headers) as answer:
        return answer.status


async def test_who_frees_a_device_is_published_once_and_its_name_is_sealed(counter: Counter):
    sale, path, (first, second) = await active(counter, "FREED", "notebook", "tower")
    customer, support = counter.customer(sale), counter.staff("support")
    addresses = [f"{path}/{first}/freeing"] * 5
    assert set(await asyncio.gather(*(freed(counter, one, customer) for one in addresses))) == {204}
    for_them = f"{path}/{second}/freeing-for"
    assert await freed(counter, for_them, support, {"reason": "lost"}) == 204
    assert await freed(counter, for_them, support, {"reason": "lost"}) == 204  # it has ended
    events = await of_sale(counter, sale)
    assert [(one.by, one.activation) for one in events] == [("customer", UUID(first)), ("staff", UUID(second))]
    (one, _) = events
    assert (one.tenant, one.sku, one.line) == (sale.tenant, "FREED", sale.line)
    assert one.device is not None
    assert one.device.kind == "device name"
    assert "notebook" not in one.model_dump_json()


async def test_what_a_program_gives_back_and_what_is_refused_is_not_published(counter: Counter):
    sale, path, (device,) = await active(counter, "QUIET", "notebook")
    other, _, _ = await active(counter, "QUIET", "notebook")
    assert await freed(counter, f"{path}/{device}/freeing", counter.customer(other)) == 404
    key = (await counter.texts(sale))[sale.units[0]]
    assert (await counter.ask("/deactivations", key, device="notebook"))["deactivated"]
    assert await of_sale(counter, sale) == []
