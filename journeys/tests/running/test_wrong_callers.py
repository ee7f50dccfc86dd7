"""Every operation is called as whoever may; the same call by whoever may not is refused, and shows nothing (PLT-1).

The calls are those of the generated clients, with the same `Idempotency-Key`: what was answered to one is not repeated
to another. Who may not: staff with every role and customers of another tenant, and another customer of the same one.
"""

import re
import secrets
from typing import Any

import orjson
import pytest
from journeys.clients.calling import Answer, Caller, Made, documents, operations
from journeys.clients.calls import CALLS
from journeys.clients.knowledge import gather, hire
from journeys.clients.plain_client import PlainClient
from journeys.seller import Shop
from journeys.trial.people import People

OPAQUE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
async def caller(shop: Shop) -> Caller:
    """Every operation was called by whoever may, and is answered as described."""
    caller = Caller(PlainClient(shop.suite), operations(await documents(shop.suite)), await gather(shop))
    for service, calls in CALLS:
        for call in calls:
            await caller.call(service, call)
    return caller


def test_every_operation_is_called(caller: Caller):
    called = {(one.operation.service, one.operation.facts["operationId"]) for one in caller.made}
    assert called == set(caller.operations)


async def test_nobody_elsewhere_gets_what_is_this_tenants(caller: Caller, other_shop: Shop):  # PLT-1
    staff, customer = await hire(other_shop), await People(other_shop).arrive()
    assert await _let_in(caller, {"staff": staff.token, "customer": customer.token, "newcomer": customer.token}) == []


async def test_no_customer_gets_what_is_anothers_or_for_staff(caller: Caller, shop: Shop):
    neighbour = (await People(shop).arrive()).token
    assert await _let_in(caller, dict.fromkeys(("staff", "service", "customer", "newcomer"), neighbour)) == []


async def test_staff_are_no_services(caller: Caller):
    assert await _let_in(caller, {"service": caller.known["token of staff"]}) == []


async def _let_in(caller: Caller, tokens: dict[str, str]) -> list[str]:
    """Repeat the calls by other tokens; return those that were answered, or showed what is somebody else's."""
    faults: list[str] = []
    sent_before = set[str]()
    for one in caller.made:
        if one.by not in tokens:
            continue
        answer = await caller.client.send(one.operation, one.parameters, one.body, tokens[one.by])
        sent = _opaque([one.parameters.get("path"), one.parameters.get("query"), one.body])
        sent_before |= sent
        shown = set(OPAQUE.findall(answer.content.decode(errors="replace"))) & _opaque(caller.known) - sent_before
        known = sent and answer.status < 300 and not await _is_like_nobodys(caller, one, tokens[one.by], answer)
        if answer.status >= 500 or shown or known:
            faults.append(f"{one.operation.service} {one.operation.method} {one.operation.path}: {answer}")
    return faults


async def _is_like_nobodys(caller: Caller, one: Made, token: str, answer: Answer) -> bool:
    """Return whether ids of the same age that nobody has are answered in the same way: nothing is learnt by it."""
    sent = orjson.dumps([one.parameters, one.body]).decode()
    parameters, body = orjson.loads(OPAQUE.sub(lambda found: found[0][:-12] + secrets.token_hex(6), sent))
    other = await caller.client.send(one.operation, parameters, body, token)
    return (other.status, _without_ids(other)) == (answer.status, _without_ids(answer))


def _without_ids(answer: Answer) -> str:
    return OPAQUE.sub("", answer.content.decode(errors="replace"))


def _opaque(value: Any) -> set[str]:
    """Return the ids in a value that nobody can guess, and that somebody has."""
    text = orjson.dumps(value, default=lambda _: "").decode()
    return set(OPAQUE.findall(text)) - {NOBODY}
