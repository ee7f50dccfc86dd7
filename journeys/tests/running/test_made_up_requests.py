"""Whatever is sent to a service is answered as its description says: requests made up by schemathesis.

Every operation is asked by each kind of caller, with what fits its description and what does not. No answer may be an
error of ours, of another status, media type, header or schema than described, of a method that is not described; what
fits is not called invalid but for a rule that it names, and what does not is refused.
"""

import asyncio
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from journeys.seller import Shop, Staff
from journeys.shops import GENERATED, KEYLESS, shop_file
from journeys.trial.people import People
from journeys.trial.sale import buy
from schemathesis.core.failures import FailureGroup
from schemathesis.engine import Status, events, from_schema
from stack.services import SERVICES

NAMES = [service.name for service in SERVICES]
ROLES = ("sales", "files", "support", "bookkeeping", "reviewer", "operator", "administrator")
CALLERS = ("anonymous", "customer", "staff", "service")
# What is refused though it fits: for want of rights, for it is not there, is not in that state or is against a rule.
REFUSED = ["400", "401", "403", "404", "409", "410", "422", "429"]
# Whoever has not signed in is led there, whatever they send.
ELSEWHERE = {"storefront": ["303"], "workcenter": ["303"]}
# What only the service that made it can make: cursors, signatures, the state of a sign-in, the address of a shop.
OPAQUE = {f"/problems/{one}" for one in ("bad-cursor", "webhook-forged", "sign-in-torn", "client-unknown")}
# JSON Schema has no words for a rule of a model; it takes 1.0 for an integer, and NUL for a text, and we do not.
UNDESCRIBED = {"rule-broken", "int_type", "nul"}
# Checks and phases that an operation is spared, and why.
SPARED = [
    # whatever is sent as CSV is a text, and so fits
    {"include-path": "/skus/{sku}/serials", "checks": {"negative_data_rejection": {"enabled": False}}},
    # schemathesis needs minutes to make up texts of so many characters by a pattern for all their combinations
    {"include-path-regex": "passkey", "phases": {"coverage": {"enabled": False}}},
]
FEW, MANY = 2, 20
SEEDED = settings(
    max_examples=FEW,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@dataclass(frozen=True)
class Sold:
    """Somebody of each kind, and a sale whose ids stand in some of the addresses."""

    tokens: dict[str, str]
    known: dict[str, list[str]]

    def bearer(self, caller: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[caller]}"} if caller in self.tokens else {}


@pytest.fixture(scope="module")
async def sold(shop: Shop) -> Sold:
    customer = await People(shop).arrive()
    order = await buy(customer, {GENERATED: 1, KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    (mail,) = await customer.mailbox.wait(1, 90)
    staff = Staff(shop.suite, shop.tenant, ROLES, f"{secrets.token_hex(4)}@kontor.example", "Alle Ämter")
    await staff.hire()
    secret = (Path(shop.suite.state.home) / "secrets" / "orders").read_text().strip()
    service = await shop.suite.call("accounts", "POST", "/service-token", json={"service": "orders", "secret": secret})
    products = await shop.suite.call("catalog", "GET", f"/products?channel=direct&tenant={shop.tenant}")
    grants = await staff.ask("delivery", "GET", f"/orders/{order['order']}/grants")
    emails = await staff.ask("letters", "GET", f"/orders/{order['order']}/emails")
    at = str(shop.suite.state.ports["storefront"])
    file = shop_file(Path(shop.suite.state.home), "kontor", int(at), shop=f"made-up-{at}", tenant=shop.tenant)
    await shop.suite.stack_run("storefront", "shop", "open", "--file", str(file))
    tokens = {"customer": customer.token, "staff": staff.token, "service": service["access_token"]}
    known = {
        "tenant": [shop.tenant],
        "channel": ["direct"],
        "customer": [customer.id],
        "order": [order["order"]],
        "sku": [GENERATED, KEYLESS],
        "product": [product["product"] for product in products["items"]],
        "grant": [grant["grant"] for grant in grants["grants"]],
        "email": [email["email"] for email in emails["items"]],
        "token": [link.rpartition("/")[2] for link in mail.links],
    }
    return Sold(tokens, known)


@schemathesis.check
def what_fits_is_not_called_invalid(ctx: Any, response: Any, case: Any) -> None:
    """What a description could prevent is a fault of it; what it has no words for is not."""
    del ctx
    if response.status_code in (400, 422) and case.meta and case.meta.generation.mode.is_positive:
        problem = response.json()
        if "error" in problem:  # OAuth has errors of its own for codes that are none (RFC 6749, 5.2)
            return
        rules = {fault["rule"] for fault in problem.get("faults", [])}
        assert response.status_code == 422 or problem["type"] in OPAQUE, problem
        assert problem["type"] != "/problems/invalid" or (rules and rules <= UNDESCRIBED), problem


@schemathesis.serializer("application/zip", "application/x-zip-compressed")
def no_archive(ctx: Any, value: Any) -> bytes:
    del ctx
    return value if isinstance(value, bytes) else json.dumps(value).encode()


async def described(shop: Shop, service: str, sold: Sold, caller: str = "", **how: int) -> Any:
    """Return the schema of a service, by which requests are made up."""
    document = await shop.suite.call(service, "GET", shop.suite.admin(service, "/openapi.json"))
    places = {
        f"{parameter['in']}.{parameter['name']}": parameter["name"]
        for item in document["paths"].values()
        for operation in item.values()
        for parameter in operation["parameters"]
        if parameter["name"] in sold.known
    }
    config = schemathesis.Config.from_dict(  # pyright: ignore[reportUnknownMemberType] -- its dict has no types
        {
            "seed": how.get("number", 1),
            "base-url": shop.suite.url(service),
            "continue-on-failure": True,
            "headers": sold.bearer(caller),
            "dictionaries": {name: {"values": values} for name, values in sold.known.items()},
            "parameters": {place: {"dictionary": name, "probability": 0.5} for place, name in places.items()},
            "generation": {"mode": "all", "max-examples": how.get("examples", FEW), "no-shrink": True},
            "operations": SPARED,
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2xx", "303", "304", *REFUSED]},
                "negative_data_rejection": {
                    "expected-statuses": ["405", "408", "411", "413", "415", *REFUSED, *ELSEWHERE.get(service, ())]
                },
            },
        }
    )
    return schemathesis.openapi.from_dict(document, config=config)


def asked(schema: Any, sold: Sold, callers: Sequence[str]) -> tuple[int, dict[str, str]]:
    """Make up a few requests and send each as each of the callers; return how many were sent, and what was found."""
    sent, found = 0, dict[str, str]()
    modes = schema.config.generation.modes
    with requests.Session() as session:

        def ask(case: Any) -> None:
            nonlocal sent
            for caller in callers:
                sent += 1
                try:
                    case.call_and_validate(session=session, headers=sold.bearer(caller), allow_redirects=False)
                except FailureGroup as failures:
                    found.setdefault(f"{case.operation.label} as {caller}", str(failures))

        for one in schema.get_all_operations():
            for mode in modes:
                try:
                    seed(1)(SEEDED(given(one.ok().as_strategy(generation_mode=mode))(ask)))()
                except Unsatisfiable:  # where nothing is asked for, nothing is wrong
                    continue
    return sent, found


def searched(schema: Any) -> tuple[int, dict[str, str]]:
    """Let schemathesis go through all its phases; return how many requests were sent, and what was found."""
    sent, found = 0, dict[str, str]()
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished():
                sent += len(event.recorder.interactions)
                for checks in event.recorder.checks.values():
                    for check in checks:
                        if check.status is Status.FAILURE and (info := check.failure_info):
                            found.setdefault(
                                f"{event.recorder.label}: {info.failure.title}", f"{info.failure}\n{info.code_sample}"
                            )
            case events.NonFatalError():
                found.setdefault(event.label, str(event.info))
            case events.FatalError():
                raise event.exception
            case _:
                pass
    return sent, found


def shown(found: dict[str, str]) -> str:
    return "\n\n".join(f"{name}\n{first}" for name, first in [*found.items()][:10])


@pytest.mark.parametrize("service", NAMES)
async def test_every_answer_is_as_described(shop: Shop, sold: Sold, service: str):
    schema = await described(shop, service, sold)
    # pages know people by cookies, and so every caller with a token alike
    callers = CALLERS[:1] if service in ELSEWHERE else CALLERS
    sent, found = await asyncio.to_thread(asked, schema, sold, callers)
    print(f"{service}: {sent} requests")
    assert sent >= len(callers) * FEW
    assert not found, shown(found)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("service", NAMES)
async def test_every_answer_of_many_is_as_described(shop: Shop, sold: Sold, service: str, caller: str):
    number = int(os.environ.get("SEED", secrets.randbelow(2**31)))
    schema = await described(shop, service, sold, caller, examples=MANY, number=number)
    sent, found = await asyncio.to_thread(searched, schema)
    print(f"{service}, {caller}: {sent} requests with SEED={number}")
    assert not found, shown(found)
