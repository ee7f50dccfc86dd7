"""The doctor warns of paid orders that wait for keys, and is content once there are some."""

from uuid import uuid4

from chassis.doctor import Diagnosis, Grade
from chassis.doctor.examination import examine
from chassis.service.doctoring import patient_of
from chassis_testing.harness import until

from .conftest import Counter, later, serials


async def about(counter: Counter, sku: str) -> list[Diagnosis]:
    found = await examine(patient_of(counter.home.service), counter.home.settings)
    return [one for one in found if sku in one.text]


async def test_LIC_3_a_paid_order_that_waits_for_keys_is_told_with_its_article(counter: Counter):
    sku = f"SKU-{uuid4().hex[:8]}"
    await counter.home.publish(counter.sale(sku, 2).paid(later(1)))
    await counter.quiet()
    (found,) = await about(counter, sku)
    assert found.grade is Grade.WARNING
    assert found.text == f"One paid order waits for keys of {sku}, of which none are in stock (tenant kontor)."
    assert f"serials import FILE --sku {sku} --tenant kontor" in found.next
    await counter.fill(sku, "\n".join(serials(sku, 2)))

    async def content() -> bool:
        return not await about(counter, sku)

    await until(content, what="the doctor to be content")
