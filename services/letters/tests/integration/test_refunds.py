"""The letter of a refund has what became of keys and links, and when the money is there. ORD-6"""

import pytest
from chassis_testing import Harness

from .catcher import Catcher
from .sale import Sale, line

KEYS, LINKS, STAY = "Die Schlüssel dazu", "Die Download-Links dazu", "Ihre Download-Links gelten weiter"


@pytest.mark.parametrize(
    ("units", "returned", "method", "found", "missing"),
    [
        (1, 1, "card", [KEYS, LINKS, "3 bis 10 Werktage"], [STAY, "Bankarbeitstagen"]),
        (2, 1, "card", [KEYS, STAY], [LINKS]),
        (1, 1, "transfer", [KEYS, LINKS, "ein bis zwei Bankarbeitstagen"], ["Werktage"]),
    ],
)
async def test_what_became_of_keys_and_links_and_when_the_money_is_there(
    house: Harness, catcher: Catcher, units: int, returned: int, method: str, found: list[str], missing: list[str]
):
    bought = line(units=units)
    sale = Sale(house, [bought])
    refunded = sale.refunded(bought, bought.units[:returned])
    await house.publish(sale.placed(payment_method=method), sale.paid(), *sale.parts())
    await catcher.mails(sale.email)
    await house.publish(refunded, sale.repaid(refunded))
    _, notice = await catcher.mails(sale.email, 2)
    for body in (" ".join(notice["text"].split()), notice["html"]):
        assert all(words in body for words in found)
        assert not any(words in body for words in missing)
