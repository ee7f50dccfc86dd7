"""Nobody gets more e-mails in an hour than one customer may, whoever or whatever makes them due."""

from chassis_testing import until
from chassis_testing.fixtures import ServiceHome
from letters.__main__ import service

from .catcher import Catcher
from .conftest import settings
from .sale import Sale, line, states


async def test_links_sent_again_and_again_wait_for_the_next_hour(service_home: ServiceHome, catcher: Catcher):
    async with service_home(service, **settings(catcher, letters_per_hour=2)) as home:
        bought = line()
        sale = Sale(home, [bought])
        await home.publish(sale.placed(), sale.paid(), *sale.parts())
        await catcher.mails(sale.email)
        await home.publish(sale.granted(bought, "again"))
        await catcher.mails(sale.email, 2)
        await home.publish(sale.granted(bought, "and again"))

        async def waits() -> bool:
            return (await states(home, sale))[2:] == [("delivery", "waiting")] and (await later())

        async def later() -> bool:
            rows = await home.sql("select send_at - created_at > '9 minutes' as late from emails order by sequence")
            return rows[-1]["late"]

        await until(waits, what="an e-mail that waits")
        assert len(await catcher.mails(sale.email, 2)) == 2
        home.shift_clock(3601)
        assert (await catcher.mails(sale.email, 3))[2]["links"] == ["https://downloads.example/d/and%20again"]
