"""The notice of the right of withdrawal is the seller's, and frozen into what is ordered from a moment on."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from orders.domain.notice import model

from services.orders.tests.integration.conftest import Shop

PATH = "/sellers/kontor/notices/download/de"


async def test_a_sellers_own_notice_holds_from_its_moment_on_and_a_wrong_one_never(shop: Shop):
    headers, now = shop.staff("sales"), shop.home.clock.now()
    text = model("de", "download").text + "\n\nSchreiben Sie uns gern."

    async def put(version: str, **changes: object) -> tuple[int, dict[str, Any]]:
        body = {"text": text, "valid_from": (now + timedelta(hours=1)).isoformat(), **changes}
        async with shop.home.http.put(f"{PATH}/{version}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    status, problem = await put("own-1", text=text.replace("Folgen des Widerrufs", ""))
    assert (status, [fault["reason"] for fault in problem["faults"]]) == (
        422,
        ["this passage is missing: Folgen des Widerrufs"],
    )
    assert (await put("own-1", valid_from=(now - timedelta(hours=1)).isoformat()))[0] == 422
    assert (await put("own-1"))[0] == 200
    assert (await put("own-1", text=text + "!"))[0] == (await put("own-2"))[0] == 409
    before = await shop.buy(uuid4())
    assert "Schreiben Sie uns gern." not in before.terms.withdrawal_notice
    assert "Telefon +49 40 5550100, E-Mail service@kontor.example" in before.terms.withdrawal_notice
    shop.home.shift_clock(3601)
    after = await shop.buy(uuid4(), shop.request({"VISTA-HP-BOX": 2, "WORKS-9-ESD": 1}))
    terms = after.terms
    assert terms.withdrawal_notice_version == "own-1 2026-06"
    assert "die letzte Ware in Besitz genommen" in terms.withdrawal_notice
    assert "Schreiben Sie uns gern." in terms.withdrawal_notice
    query = "language=de&tenant=kontor&seller=kontor&download=1&boxed=2"
    _, shown = await shop.get(f"/checkout-texts?{query}", {})
    assert {one["kind"]: one["text"] for one in shown["items"]}["withdrawal_notice"] == terms.withdrawal_notice


async def test_businesses_have_no_right_of_withdrawal(shop: Shop):
    placed = await shop.buy(uuid4(), shop.request(customer_type="business", consents=[]))
    assert (placed.terms.withdrawal_notice, placed.terms.withdrawal_notice_version) == ("", "")
