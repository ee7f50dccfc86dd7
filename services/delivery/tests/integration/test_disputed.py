"""While the payment is disputed, or a claim is open, links open nothing (F-P21, DEL-12)."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from chassis_testing.harness import until
from contracts.event import Event

from services.delivery.tests.integration.conftest import Depot, Sale


async def grant_state(depot: Depot, sale: Sale) -> tuple[UUID, str]:
    _, view = await depot.get(f"/orders/{sale.order}/grants", depot.staff("support"))
    (grant,) = view["grants"]
    return grant["grant"], grant["state"]


async def test_F_P21_a_link_is_suspended_while_its_payment_is_disputed_and_opens_again_once_that_is_won(depot: Depot):
    sale, token, file = await depot.sold(b"0123456789")
    address = await depot.press(token, file["file"])
    await depot.home.publish(sale.disputed())
    await depot.home.settled()
    for status, page in (await depot.get(f"/d/{token}"), await depot.get(address, {"Accept": "text/html"})):
        assert (status, "solange Zahlung oder Lieferung bestritten" in page) == (410, True)
    asked = {"Accept": "application/json"}
    assert (await depot.get(f"/d/{token}", asked))[1]["type"] == "/problems/link-suspended"
    status, problem = await depot.send("POST", f"/d/{token}/files/{file['file']}", asked)
    assert (status, problem["type"]) == (410, "/problems/link-suspended")
    grant, state = await grant_state(depot, sale)
    assert state == "suspended"
    assert (await depot.send("POST", f"/grants/{grant}/resend", depot.staff("support")))[0] == 409
    await depot.home.publish(sale.undisputed("lost"))
    await depot.home.settled()
    assert (await depot.get(f"/d/{token}"))[0] == 410
    await depot.home.publish(sale.undisputed("won"), sale.undisputed("lost"), sale.disputed())
    await depot.home.settled()
    assert (await grant_state(depot, sale))[1] == "active"
    status, data, _ = await depot.fetch(address)
    assert (status, data) == (200, b"0123456789")


async def test_F_P21_a_dispute_that_is_known_before_the_order_suspends_its_link(depot: Depot):
    sku = (await depot.sold(b"x"))[0].sku
    sale = Sale(depot.home, sku)
    await depot.home.publish(sale.disputed())
    await depot.home.publish(sale.paid())
    token = sale.token(await sale.granted())
    assert (await depot.get(f"/d/{token}"))[0] == 410


async def test_DEL_12_a_link_is_suspended_while_a_claim_is_open_in_whatever_order_that_is_known(depot: Depot):
    for revisions, state in (
        ([1], "suspended"),
        ([2, 1], "suspended"),
        ([2, 3, 1], "suspended"),
        ([4, 1, 3], "active"),
    ):
        sale, token, _ = await depot.sold(b"x")
        # opened, decided for the buyer, appealed, decided for the seller
        facts = [sale.claimed(1), sale.decided(2, *sale.unit_ids), sale.claimed(3), sale.decided(4)]
        await depot.home.publish(*(facts[revision - 1] for revision in revisions))
        await depot.home.settled()
        assert (await depot.get(f"/d/{token}"))[0] == (410 if state == "suspended" else 200)
        assert (await grant_state(depot, sale))[1] == state
    # a claim about another line suspends nothing here
    other = Sale(depot.home, (await depot.sold(b"x"))[0].sku)
    await depot.home.publish(other.paid(), other.claimed(1, uuid4()))
    assert (await depot.get(f"/d/{other.token(await other.granted())}"))[0] == 200


@pytest.mark.parametrize("by", [Sale.disputed, Sale.claimed], ids=["dispute", "claim"])
async def test_F_P21_DEL_12_a_running_download_is_cut_by_a_dispute_or_a_claim(
    depot: Depot, by: Callable[[Sale], Event]
):
    sale, token, file = await depot.sold(bytes(50 * 2**20))
    address = await depot.press(token, file["file"])
    async with depot.raw(address) as (reader, _):
        await reader.readuntil(b"\r\n\r\n")
        await depot.home.publish(by(sale))

        async def cut() -> bool:
            return not await depot.home.sql("select id from transfers")

        await until(cut, what="the download to be cut")
