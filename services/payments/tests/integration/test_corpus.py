"""The corpus of statements through the door of the service, all files together (PAY-6)."""

import random
from typing import Any, cast
from uuid import uuid4

from contracts.accounts import RecordsKey
from contracts.orders import OrderPlaced
from contracts.payments import TransferReceived
from contracts.wire import decode

from services.payments.tests.corpus.description import Example, Outcome, corpus
from services.payments.tests.corpus.judge import ANOTHER, Result, by_a_person, expected, written

from .camt import imported, reasons
from .house import House

YEARS = (2025, 2026)
LEAST, AGAIN = 0.99, 20
BOOKED = """
select r.booked_on, r.amount, r.currency, e.reason, r.order_id, r.fault, paid.order_ids, paid.covered
from receipts r
left join review_entries e on e.tenant = r.tenant and e.receipt_id = r.id
cross join lateral (
  select coalesce(array_agg(u.order_id), '{}') as order_ids, coalesce(sum(u.gross), 0) as covered
  from units u
  where u.tenant = r.tenant
    and (u.covered_by = r.id or u.covered_by in (select id from allocations a where a.receipt_id = r.id))
) as paid
where r.statement_id = any($1::uuid[])
order by array_position($1::uuid[], r.statement_id), r.position
"""


async def opened(house: House, tenant: str) -> None:
    """Open a tenant whose seller has, or had, an account in every country of the corpus."""
    keys = [RecordsKey(year=year, records=house.harness.accounts.new_key()) for year in YEARS]
    for account in sorted({example.account for example in corpus().values()}):
        event = house.tenant(tenant, account)
        seller = event.sellers[0].model_copy(update={"records_keys": keys})
        await house.harness.publish(event.model_copy(update={"sellers": [seller]}))
    await house.harness.settled()


def placed(house: House, tenant: str, example: Example) -> dict[str, OrderPlaced]:
    """Return the orders of an example as they are published."""
    found: dict[str, OrderPlaced] = {}
    for name, known in example.orders.items():
        order = house.order(method="transfer", prices=(known.amount,), tenant=tenant)
        seller = ANOTHER if known.state == "another seller's" else order.seller
        facts = {"order": known.id, "order_number": known.number, "seller": seller}
        found[name] = order.model_copy(update=facts)
    return found


def outcome(example: Example, row: Any) -> Outcome:
    of = set(row["order_ids"] or [row["order_id"]])
    names = " ".join(name for name, known in example.orders.items() if known.id in of) or None
    assert row["covered"] == (0 if row["reason"] else row["amount"])
    return Outcome(row["booked_on"], row["amount"], row["currency"], row["reason"], names, None, row["fault"])


def without_payer(result: Result) -> list[Outcome]:
    return [
        Outcome(one.day, one.amount, one.currency, one.reason, one.order, None, one.fault) for one in result.outcomes
    ]


async def test_all_files_of_the_corpus_together_are_what_is_described_of_them(house: House):  # PAY-6
    tenant = f"t-{uuid4().hex[:8]}"
    staff = house.as_staff(tenant=tenant)
    await opened(house, tenant)
    orders = {name: placed(house, tenant, example) for name, example in corpus().items()}
    await house.harness.publish(*(one for of_case in orders.values() for one in of_case.values()))
    lapsed = [
        house.cancelled(orders[name][order])
        for name, example in corpus().items()
        for order, known in example.orders.items()
        if known.state == "cancelled"
    ]
    await house.harness.settled()
    await house.harness.publish(*lapsed)
    await house.harness.settled()
    answers: list[tuple[bytes, tuple[int, Any]]] = []
    for example in corpus().values():
        for at, content in enumerate(written(example)):
            status, answer = await imported(house, content, **staff)
            answers.append((content, (status, answer)))
            await _judge(house, example, expected(example, at), status, answer)
    for content, answer in random.Random(1).sample(answers, AGAIN):
        assert await imported(house, content, **staff) == answer
    await house.harness.settled()
    events = [decode("TransferReceived", record.value) for record in house.harness.log["TransferReceived"]]
    received = [one.order for one in cast("list[TransferReceived]", events) if one.tenant == tenant]
    by_person = sum(by_a_person(example) for example in corpus().values())
    assert len(received) == len(set(received))
    paid = await house.harness.sql("select sum(matched) as matched from statements where tenant = $1", tenant)
    assert paid[0]["matched"] / by_person >= LEAST


async def _judge(house: House, example: Example, described: Result, status: int, answer: Any) -> None:
    """Compare what came of a file with what is described of it."""
    if described.refused is not None:
        rules = {answer["type"].removeprefix("/problems/"), answer.get("rule")}
        assert {described.refused, f"statement-{described.refused}"} & rules, (example.case.name, answer)
        return
    assert status == 200, (example.case.name, answer)
    rows = await house.harness.sql(BOOKED, answer["statements"])
    assert [outcome(example, row) for row in rows] == without_payer(described), example.case.name
    assert answer["passed_over"] == dict(described.passed_over)
    left = [one["rule"] for one in answer["unread"]] + ["other"] * answer["other_accounts"]
    assert sorted(left) == list(described.left_out)
    listed = [one.reason for one in described.outcomes if one.reason is not None]
    assert (answer["entries"], answer["matched"]) == (len(rows), len(rows) - len(listed))
    assert reasons(answer) == listed
