"""What the double takes and answers is what the provider has published: in the types of its SDK."""

from collections.abc import Iterator
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
import stripe
from doubles.provider import reversal, session
from stripe.params import RefundCreateParams
from stripe.params.checkout import SessionCreateParams

from .house import GOOD, House

NONE = type(None)


def parts(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def faults(kind: Any, thing: Any, path: str) -> Iterator[str]:
    """Yield what an object lacks that one of this kind always has."""
    for name, annotation in kind.__annotations__.items():
        value: Any = thing.get(name)
        if name.startswith("_") or name.isupper() or isinstance(annotation, str):
            continue
        if value is None:
            if NONE not in parts(annotation):
                yield f"{path}.{name}"
            continue
        for part in parts(annotation):
            several = get_origin(part) is list
            inner = get_args(part)[0] if several else part
            if isinstance(inner, type) and issubclass(inner, stripe.StripeObject):
                for one in value if several else [value]:
                    if isinstance(one, dict):
                        yield from faults(inner, one, f"{path}.{name}")


async def test_answers_have_what_the_sdk_says_that_they_have(house: House):  # PAY-12
    opened = await house.open()
    await house.pay(opened, "4000000000000002")
    await house.pay(opened, GOOD)
    paid = (await house.stripe.v1.checkout.sessions.retrieve_async(opened.id)).payment_intent
    refund = await house.stripe.v1.refunds.create_async(params={"payment_intent": str(paid), "amount": 100})
    await house.control("dispute", session=opened.id)
    v1 = house.stripe.v1
    found: dict[Any, Any] = {
        stripe.checkout.Session: await v1.checkout.sessions.list_async(),
        stripe.PaymentIntent: await v1.payment_intents.list_async(),
        stripe.Charge: await v1.charges.list_async(),
        stripe.Refund: await v1.refunds.list_async(),
        stripe.Dispute: await v1.disputes.list_async(),
        stripe.Event: await v1.events.list_async(),
    }
    things = [(kind, one.to_dict()) for kind, page in found.items() for one in page.data]
    assert len({kind for kind, _ in things}) == len(found)
    assert sorted({fault for kind, one in things for fault in faults(kind, one, kind.__name__)}) == []
    # the types do not tell whether it may be null; the provider's description says that it is a text
    card = refund.to_dict()["destination_details"]["card"]
    assert card.get("reference", "") is not None


@pytest.mark.parametrize(
    ("ours", "published"),
    [(session.PARAMETERS, SessionCreateParams), (reversal.PARAMETERS, RefundCreateParams)],
    ids=["session", "refund"],
)
def test_no_parameter_is_taken_that_the_provider_does_not_know(ours: set[str], published: Any):
    assert ours - published.__annotations__.keys() == set()
