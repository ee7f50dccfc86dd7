"""Payment methods: the tokens that stand for a card or an account."""

from .cards import Card
from .event import emit
from .provider import Provider
from .refusal import Refusal
from .shapes import Json, new_id, now

KIND = "payment_method"


def make(provider: Provider, kind: str, details: Json, billing: Json) -> Json:
    """Enters a token; it belongs to nobody yet."""
    token: Json = {
        "id": new_id("pm"),
        "object": KIND,
        "allow_redisplay": "unspecified",
        "billing_details": billing,
        kind: details,
        "created": now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }
    provider.state.save(token)
    return token


def of_card(provider: Provider, card: Card, billing: Json) -> Json:
    """Enters a token for a card."""
    return make(provider, "card", card.details(), billing)


def of_account(provider: Provider, iban: str, fingerprint: str, billing: Json) -> Json:
    """Enters a token for a bank account, of which four digits are kept."""
    return make(
        provider,
        "sepa_debit",
        {
            "bank_code": iban[4:12],
            "branch_code": "",
            "country": iban[:2],
            "fingerprint": fingerprint,
            "generated_from": {"charge": None, "setup_attempt": None},
            "last4": iban[-4:],
        },
        billing,
    )


def attach(provider: Provider, token: Json, customer: str) -> None:
    """Keeps a token for a customer."""
    if token["customer"] == customer:
        return
    token["customer"] = customer
    provider.state.save(token)
    emit(provider, "payment_method.attached", token)


def detach(provider: Provider, token: Json) -> Json:
    """Gives a token up; it can never be used again."""
    if token["customer"] is None:
        raise Refusal(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            kept=True,
        )
    before = {"customer": token["customer"]}
    token["customer"] = None
    provider.state.save(token)
    emit(provider, "payment_method.detached", token, before)
    return token


def of_customer(provider: Provider, customer: str) -> list[Json]:
    """Lists the tokens kept for a customer, oldest first."""
    return [token for token in provider.state.all(KIND) if token["customer"] == customer]
