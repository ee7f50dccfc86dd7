"""The doctor warns of paid orders that wait for files, and is content once they are there."""

from uuid import uuid4

from chassis.doctor import Diagnosis, Grade
from chassis.doctor.examination import examine
from chassis.service.doctoring import patient_of
from chassis_testing.harness import until

from services.delivery.tests.integration.conftest import Depot, Sale


async def about(depot: Depot, sku: str) -> list[Diagnosis]:
    found = await examine(patient_of(depot.home.service), depot.home.settings)
    return [one for one in found if sku in one.text]


async def test_paid_lines_that_wait_for_files_are_told_with_their_article(depot: Depot):
    sku = f"SKU-{uuid4().hex[:8]}"
    sale = Sale(depot.home, sku)
    await depot.home.publish(sale.paid())
    await depot.home.settled()
    (found,) = await about(depot, sku)
    assert found.grade is Grade.WARNING
    assert found.text == f"One paid line waits for files of {sku}, which has none (tenant kontor)."
    assert "upload" in found.next
    await depot.upload(sku, b"program", "setup.exe")

    async def content() -> bool:
        return not await about(depot, sku)

    await until(content, what="the doctor to be content")


async def test_a_database_that_is_away_keeps_nothing_else_from_being_told(depot: Depot):
    away = depot.home.settings.model_copy(update={"database_url": "postgresql://x@127.0.0.1:1/x"})
    found = {one.check: one.grade for one in await examine(patient_of(depot.home.service), away)}
    assert (found["database"], found["store"], "missing files" in found) == (Grade.ERROR, Grade.OK, False)
