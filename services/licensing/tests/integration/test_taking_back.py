"""Which keys were given out is taken back into a database that was restored to an earlier state. F-A12 LIC-3"""

from chassis_testing.operator import operate
from contracts.licensing import LicenseIssued
from contracts.shared import KeySource, KeysPer

from services.licensing.tests.integration.conftest import Counter, serials

GIVE_BACK = """
update serials
set unit_id = null, box = 'x'
where unit_id is not null
"""


async def test_F_A12_nobody_gets_a_key_twice_and_no_serial_that_was_given_out(counter: Counter):
    (stock := serials("FA12", 4)).sort()
    await counter.fill("F-A12", "\n".join(stock))
    ((before,),) = await counter.home.sql("select published from chassis.lease")
    sale = counter.sale("F-A12", 2)
    team = counter.sale("TEAM", 2, key_source=KeySource.GENERATED, keys_per=KeysPer.PURCHASE)
    await counter.home.publish(sale.paid(), team.paid())
    await counter.quiet()
    texts = await counter.texts(sale) | await counter.texts(team)
    issued = len(await counter.home.published(LicenseIssued))
    await counter.home.sql("delete from units")
    await counter.home.sql(GIVE_BACK)
    await counter.home.sql("update stocks set available = available + 2 where sku = 'F-A12'")
    await counter.home.sql("update chassis.lease set published = $1", before)
    done = await operate(counter.home, "backup", "restored")
    assert done.exit_code == 0, done.output
    assert (await counter.stock("F-A12"))["available"] == 2
    await counter.home.publish(sale.paid(), team.paid())  # they are consumed again
    await counter.quiet()
    assert {await counter.validate(text) for text in texts.values()} == {"valid"}
    assert len(await counter.home.published(LicenseIssued)) == issued
    assert (await counter.stock("F-A12"))["available"] == 2
