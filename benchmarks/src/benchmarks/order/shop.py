"""A shop, its customers, and their orders."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import orjson
from chassis_testing.accounts import KeyServer
from contracts.accounts import TenantOpened
from contracts.catalog import ProductPublished
from contracts.event import Event

from benchmarks.load import Request

ARTICLES = 100
CUSTOMERS = 100
CONSENTS = [{"kind": "immediate_delivery", "version": "2026-06"}, {"kind": "withdrawal_lost", "version": "2026-06"}]
ADDRESS = {
    "name": "Erika Musterfrau",
    "street": "Heidestr. 17",
    "postal_code": "51147",
    "city": "Köln",
    "country": "DE",
}
MANY = "10000"  # of what a person does not do so often
BUSINESS = {"company": "Musterfrau GmbH", "vat_id": "DE123456789", "purchase_number": "B-2026-117"}


def opened(accounts: KeyServer) -> list[Event]:
    """Return the events of the other services that orders needs: the tenant and its products."""
    tenant = TenantOpened.model_validate(TenantOpened.EXAMPLE)
    seller = tenant.sellers[0]
    year = datetime.now(UTC).year
    keys = [
        seller.records_keys[0].model_copy(update={"year": at, "records": accounts.new_key()}) for at in (year, year + 1)
    ]
    tenant = tenant.model_copy(update={"sellers": [seller.model_copy(update={"records_keys": keys})]})
    return [tenant, *(_product(number) for number in range(ARTICLES))]


def orders(accounts: KeyServer, lines: int = 2) -> list[Request]:
    """Return orders of so many lines (1 to 50), in turn of consumers with both consents and of businesses."""
    return [_order(accounts, number, lines) for number in range(CUSTOMERS)]


def _product(number: int) -> ProductPublished:
    product = ProductPublished.model_validate(ProductPublished.EXAMPLE)
    edition = product.editions[0]
    variant = edition.variants[0]
    offer = variant.offers[0]
    price = offer.prices[0].model_copy(update={"amount": _price(number)})
    offers = [offer.model_copy(update={"prices": [price]})]
    variants = [variant.model_copy(update={"sku": _sku(number), "rrp": [price], "offers": offers})]
    editions = [edition.model_copy(update={"variants": variants})]
    return product.model_copy(update={"product": uuid4(), "version": str(number), "editions": editions})


def _order(accounts: KeyServer, number: int, count: int) -> Request:
    claims = accounts.person_claims()
    token = accounts.token(uuid4(), "customer", lifetime=timedelta(hours=6), **claims)
    others = (number * 7 + 1 + 2 * index for index in range(count - 1))  # never the first article
    articles = [each % ARTICLES for each in (number, *others)]
    business = number % 2 == 1
    lines = [
        {"sku": _sku(each), "quantity": 1 + index % 2, "price": _price(each)} for index, each in enumerate(articles)
    ]
    body: dict[str, Any] = {
        "channel": "direct",
        "customer_type": "business" if business else "consumer",
        "payment_method": "card",
        "lines": lines,
        "billing_address": ADDRESS,
        **(BUSINESS if business else {"consents": CONSENTS}),
    }
    return Request("POST", "/orders", (("Authorization", f"Bearer {token}"),), orjson.dumps(body), creates=True)


def _sku(number: int) -> str:
    return f"OFFICE-{number:03d}-ESD"


def _price(number: int) -> int:
    return 9900 + 100 * number


def comparable(answer: Any) -> Any:
    """Return an answer with types in the place of ids, times and numbers, which are new in every order."""
    if isinstance(answer, dict):
        return {name: comparable(value) for name, value in cast("dict[str, Any]", answer).items()}
    if isinstance(answer, list):
        return [comparable(value) for value in cast("list[Any]", answer)]
    return type(answer).__name__ if _is_new(answer) else answer


def _is_new(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    for read in (UUID, datetime.fromisoformat):
        try:
            read(value)
        except ValueError:
            continue
        return True
    return value.startswith("K-")
