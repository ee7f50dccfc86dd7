"""Support finds customers and orders by a company, or by the name on an invoice, until they are erased. M26 ORD-2"""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.identity import seal
from contracts.event import SubjectKey
from contracts.orders import OrderPlaced

from .conftest import PROOF, House, Person

COMPANY = "Müller & Söhne Maschinenbau GmbH"


async def public(house: House, tenant: str, subject: str, kind: str) -> SubjectKey:
    sql = (
        "select id, public_key from subject_keys where tenant = $1 and subject = $2 and kind = $3 order by year limit 1"
    )
    (row,) = await house.home.sql(sql, tenant, subject, kind)
    return SubjectKey(key=row["id"], public=row["public_key"])


async def ordered(house: House, person: Person, company: str | None = COMPANY, name: str = "Petra Lovelace") -> UUID:
    """An order whose company is sealed to the customer's profile, and whose invoice to the seller's records."""
    order = uuid4()
    placed = await order_of(house, person, order, company, name)
    await house.home.publish(placed)
    await house.home.settled()
    return order


async def order_of(house: House, person: Person, order: UUID, company: str | None, name: str) -> OrderPlaced:
    profile = await public(house, person.tenant, str(person.id), "profile")
    records = await public(house, person.tenant, "kontor", "records")
    address = json.dumps({"name": name, "street": "Weg 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"})
    boxes = {
        "company_profile": seal(company, profile, "company") if company else None,
        "billing_address_records": seal(address, records, "address"),
    }
    return house.placed(person, order).model_copy(update=boxes)


async def found(house: House, token: str, **by: str) -> list[dict[str, Any]]:
    status, answer = await house.ask("POST", "/customer-search", by, token)
    assert status == 200, answer
    return answer["items"]


async def test_a_company_is_found_by_all_words_whole_however_they_are_typed(house: House):
    tenant = await house.open_tenant()
    person, other = await house.register(tenant), await house.register(tenant)
    first, second = await ordered(house, person), await ordered(house, person, name="Jemand Anders")
    elsewhere = await ordered(house, other, "Müller Textil AG")
    support = await house.staff(tenant, "support")
    both = {"customer": str(person.id), "orders": sorted((str(first), str(second)), reverse=True)}
    for words in ("mueller soehne", "MASCHINENBAU GmbH", "Müller & Söhne Maschinenbau GmbH"):
        assert await found(house, support, company=words) == [both]
    assert {one["customer"] for one in await found(house, support, company="Muller")} == {str(person.id), str(other.id)}
    assert await found(house, support, company="Müller Textil") == [
        {"customer": str(other.id), "orders": [str(elsewhere)]}
    ]
    for words in ("Maschinen", "Müller Maschinenbau Textil", "GmbH", "?"):
        assert await found(house, support, company=words) == []


async def test_a_name_on_an_invoice_is_found_beside_that_of_an_account(house: House):
    tenant = await house.open_tenant()
    buyer = await house.register(tenant, name="Ada Byron")
    order = await ordered(house, buyer, None, "Petra Lövelace")
    support = await house.staff(tenant, "support")
    assert await found(house, support, name="lovelace petra") == [{"customer": str(buyer.id), "orders": [str(order)]}]
    assert await found(house, support, name="Byron") == [{"customer": str(buyer.id), "orders": []}]
    assert await found(house, support, company="Lövelace") == []
    assert await found(house, support, name="Byron", company="Byron") == [{"customer": str(buyer.id), "orders": []}]


async def test_only_support_of_the_tenant_finds_it_and_each_search_is_recorded(house: House):
    tenant = await house.open_tenant()
    person = await house.register(tenant)
    await ordered(house, person)
    there = await house.staff(await house.open_tenant(), "support")
    assert await found(house, there, company=COMPANY) == []
    for role in ("sales", "bookkeeping", "reviewer", "administrator"):
        refused = await house.ask("POST", "/customer-search", {"company": COMPANY}, await house.staff(tenant, role))
        assert refused[0] == 403
    support = await house.staff(tenant, "support")
    await found(house, support, company=COMPANY, name="Müller")
    acts = await house.home.sql("select * from chassis.audit where tenant = $1 and kind = 'search'", tenant)
    assert [(act["object_id"], str(person.id) in str(act["after"])) for act in acts] == [("name company", True)]
    assert "ller" not in str([dict(act) for act in acts])


async def test_no_word_outlives_the_profile_nor_comes_back_with_a_late_order(house: House):
    tenant = await house.open_tenant()
    person = await house.register(tenant)
    order = uuid4()
    placed = await order_of(house, person, order, COMPANY, "Petra Lovelace")
    late = await order_of(house, person, uuid4(), COMPANY, "Petra Lovelace")
    await house.home.publish(placed, house.closed(person, order, house.home.clock.now()))
    await house.home.settled()
    support = await house.staff(tenant, "support")
    assert len(await found(house, support, company=COMPANY)) == 1
    await house.ask("POST", "/me/deletion", PROOF, (await house.sign_in(person))["access_token"])
    assert (await house.ask("GET", f"/erasures/{person.id}", token=support))[0] == 200
    await house.home.publish(late)
    await house.home.settled()
    assert await found(house, support, company=COMPANY, name="Lovelace") == []
    assert await house.home.sql("select 1 from order_words where tenant = $1", tenant) == []


async def test_orders_of_before_are_filled_in_by_a_command_that_may_be_repeated(house: House):
    tenant = await house.open_tenant()
    person, gone = await house.register(tenant), await house.register(tenant)
    order, support = await ordered(house, person), await house.staff(tenant, "support")
    await ordered(house, gone, name="Petra Gone")
    await house.home.sql("delete from order_words where tenant = $1 returning 1", tenant)
    await house.home.sql("update customers set erased_at = now() where id = $1 returning 1", gone.id)
    assert await found(house, support, company=COMPANY) == []
    for words in ("5 words are new", "0 words are new"):
        done = await house.run("search", "fill")
        assert (done.exit_code, words in done.output) == (0, True), done.output
    assert await found(house, support, company=COMPANY) == [{"customer": str(person.id), "orders": [str(order)]}]


@pytest.mark.parametrize("box", ["AAAA", "nonsense"])
async def test_an_order_whose_boxes_do_not_open_is_followed_all_the_same(house: House, tenant: str, box: str):
    person = await house.register(tenant)
    order = uuid4()
    placed = await order_of(house, person, order, COMPANY, "Petra Lovelace")
    assert placed.company_profile
    broken = placed.company_profile.model_copy(update={"box": box.encode()})
    await house.home.publish(placed.model_copy(update={"company_profile": broken}))
    await house.home.settled()
    known = "select 1 from orders where tenant = $1 and id = $2"
    assert len(await house.home.sql(known, tenant, order)) == 1
