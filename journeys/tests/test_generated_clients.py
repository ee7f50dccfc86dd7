"""Clients that others' generators make of the descriptions: they compile, and can call every operation."""

import asyncio
import re
import secrets
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from journeys.clients.call import Known
from journeys.clients.calling import Caller, Operation, call_in_typescript
from journeys.clients.calling import in_typescript as calls_in_typescript
from journeys.clients.calls import CALLS
from journeys.clients.generated import compile_python, compile_typescript, in_python, in_typescript
from journeys.customer import GOOD_CARD, Customer
from journeys.seller import Shop, Staff
from journeys.shops import BOXED, GENERATED, KEYLESS, SERIALS
from journeys.suite import until
from journeys.trial.people import People
from journeys.trial.sale import buy
from stack.services import SERVICES

# Pages are read by people, and their forms answered by them: nobody makes clients of those.
FOR_PEOPLE = {"storefront", "workcenter"}
ROLES = ("sales", "files", "support", "bookkeeping", "reviewer", "operator", "administrator")


@pytest.fixture(scope="module")
async def documents(shop: Shop) -> dict[str, dict[str, Any]]:
    return {
        service.name: await shop.suite.call(service.name, "GET", shop.suite.admin(service.name, "/openapi.json"))
        for service in SERVICES
        if service.name not in FOR_PEOPLE
    }


@pytest.fixture(scope="module")
def operations(documents: dict[str, dict[str, Any]]) -> dict[tuple[str, str], Operation]:
    return {
        (service, facts["operationId"]): Operation(service, method.upper(), path, facts)
        for service, document in documents.items()
        for path, item in document["paths"].items()
        for method, facts in item.items()
    }


async def first_link(customer: Customer) -> str:
    """The first link that the customer has been mailed; empty before."""
    return next((link for mail in await customer.mailbox.mails() for link in mail.links), "")


@pytest.fixture(scope="module")
async def known(shop: Shop) -> Known:
    """What the calls need: people, a sale by card whose letter has arrived, one by transfer, one that is unpaid."""
    customer = await People(shop).arrive()
    order = await buy(customer, {GENERATED: 1, BOXED: 1})
    await customer.enter_card(await customer.payment_page(order["order"], save_card=True), GOOD_CARD)
    by_transfer = await buy(customer, {KEYLESS: 1}, method="transfer")
    unpaid = await buy(customer, {KEYLESS: 1})
    staff = Staff(shop.suite, shop.tenant, ROLES, f"{secrets.token_hex(4)}@kontor.example", "Alle Ämter")
    await staff.hire()
    secret = (Path(shop.suite.state.home) / "secrets" / "orders").read_text().strip()
    service = await shop.suite.call("accounts", "POST", "/service-token", json={"service": "orders", "secret": secret})
    invited = await shop.suite.stack_run(
        "accounts",
        "staff",
        "add",
        "--tenant",
        shop.tenant,
        "--email",
        f"{secrets.token_hex(4)}@kontor.example",
        "--name",
        "Ina Innen",
        "--role",
        "sales",
    )
    link = await until(partial(first_link, customer), "the letter with the link", 90)
    grants = await staff.ask("delivery", "GET", f"/orders/{order['order']}/grants")
    emails = await staff.ask("letters", "GET", f"/orders/{order['order']}/emails")
    view = await customer.order_view(order["order"])
    units = {line["sku"]: [unit["unit"] for unit in line["units"]] for line in view["lines"]}
    checkout = await customer.checkout({KEYLESS: 1}, consent=False)
    return {
        "token of customer": customer.token,
        "token of staff": staff.token,
        "token of service": service["access_token"],
        "email_of_newcomer": f"{secrets.token_hex(6)}@example.org",
        "mails": f"{shop.suite.state.mail_url}/api/mails",
        "other_email": f"{secrets.token_hex(6)}@example.org",
        "secret of orders": secret,
        "invitation": re.findall(r"\S+", invited)[-1],
        "tenant": shop.tenant,
        "customer": customer.id,
        "order": order["order"],
        "by_transfer": by_transfer["order"],
        "units_by_transfer": [unit["unit"] for line in by_transfer["lines"] for unit in line["units"]],
        "unpaid": unpaid["order"],
        "boxed": units[BOXED],
        "checkout": checkout,
        "consents": (await customer.checkout({KEYLESS: 1}))["consents"],
        "sku": GENERATED,
        "sku_of_serials": SERIALS,
        "serials": f"A-{secrets.token_hex(8)}\n".encode(),
        "grant": grants["grants"][0]["grant"],
        "file": grants["grants"][0]["files"][0]["file"],
        "token": link.rpartition("/")[2],
        "email": emails["items"][0]["email"],
    }


@pytest.mark.torture
async def test_clients_compile_and_call_every_operation(
    shop: Shop,
    documents: dict[str, dict[str, Any]],
    operations: dict[tuple[str, str], Operation],
    known: Known,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    await asyncio.gather(in_python(tmp_path, documents), in_typescript(tmp_path, documents))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    compile_python()
    caller = Caller(shop.suite, operations, known)
    for service, calls in CALLS:
        for call in calls:
            await caller.call(service, call)
    assert {(one.operation.service, one.operation.facts["operationId"]) for one in caller.made} == set(operations)

    (tmp_path / "calls.ts").write_text(calls_in_typescript(caller.made, shop.suite.state.urls))
    await compile_typescript(tmp_path)
    answers = await call_in_typescript(tmp_path)
    assert len(answers) == len(caller.made)
    for one, (status, media_type, read) in zip(caller.made, answers, strict=True):
        one.operation.check(status, media_type)
        assert read or not media_type
