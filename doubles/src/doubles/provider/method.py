"""Payment methods: test cards and bank accounts, the tokens that stand for them, and the customers who keep them."""

import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

from . import wire
from .provider import Provider
from .wire import Json, Refusal, new_id, new_object

CUSTOMER, METHOD = "customer", "payment_method"
CUSTOMER_PARAMETERS = {"description", "email", "metadata", "name", "phone", "preferred_locales"}


class Decline(NamedTuple):
    """Why a payment fails, in the provider's words."""

    code: str
    decline_code: str | None
    message: str


DECLINED = "Your card was declined."
DECLINES = {
    "4000000000000002": Decline("card_declined", "generic_decline", DECLINED),
    "4000000000009995": Decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "4000000000009987": Decline("card_declined", "lost_card", DECLINED),
    "4000000000009979": Decline("card_declined", "stolen_card", DECLINED),
    "4000000000006975": Decline(
        "card_declined", "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently."
    ),
    "4100000000000019": Decline("card_declined", "fraudulent", DECLINED),
    "4000000000000069": Decline("expired_card", None, "Your card has expired."),
    "4000000000000127": Decline("incorrect_cvc", None, "Your card's security code is incorrect."),
    "4000000000000119": Decline(
        "processing_error", None, "An error occurred while processing your card. Try again in a little bit."
    ),
}
# A number that is in no table is declined, as in Stripe's test mode: nobody's real card is ever taken here.
NOT_A_TEST_CARD = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card. "
    "For a list of valid test cards, visit: https://stripe.com/docs/testing.",
)
DISPUTES = {"4000000000000259": "fraudulent", "4000000000002685": "product_not_received"}
REFUNDS = {"4000000000007726": "pending", "4000000000005126": "failed"}
DEBIT = {"4000056655665556", "5200828282828210"}
# The cards that pay, by the country that issued them.
COUNTRIES = dict.fromkeys(
    (
        "4242424242424242", "5555555555554444", "2223003122003222", "5105105105105100", "378282246310005",
        "371449635398431", "6011111111111117", "3056930009020004", *DEBIT, *DISPUTES, *REFUNDS,
    ),
    "US",
) | {
    "4000002760000016": "DE",
    "4000000400000008": "AT",
    "4000007560000009": "CH",
    "3566002020360505": "JP",
    "6200000000000005": "CN",
}  # fmt: skip
BRANDS = {
    "34": "amex", "37": "amex", "4": "visa", "5": "mastercard", "2": "mastercard", "35": "jcb", "36": "diners",
    "30": "diners", "38": "diners", "6011": "discover", "65": "discover", "62": "unionpay",
}  # fmt: skip
DEBIT_FAILS = "DE62370400440532013001"
RETURNED = Decline("insufficient_funds", None, "The customer's account has insufficient funds.")


def passes_luhn(number: str) -> bool:
    """Return whether the check digit of a card number is right (ISO/IEC 7812-1)."""
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        return False
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(number))]
    return sum(figure - 9 if figure > 9 else figure for figure in doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Return whether a text has the form of an IBAN and its check digits are right (ISO 13616)."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", text):
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def decline(number: str) -> Decline | None:
    """Return why a card does not pay; None if it does."""
    return None if number in COUNTRIES else DECLINES.get(number, NOT_A_TEST_CARD)


def card_details(number: str, exp_month: int, exp_year: int, salt: str) -> Json:
    """Return the card object of a payment method, which never holds the number."""
    brand = next((name for prefix, name in BRANDS.items() if number.startswith(prefix)), "unknown")
    return {
        "brand": brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": COUNTRIES.get(number, "US"),
        "display_brand": brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": (_test_fingerprint if number in COUNTRIES else _fingerprint)(number, salt),
        "funding": "debit" if number in DEBIT else "credit",
        "generated_from": None,
        "last4": number[-4:],
        "networks": {"available": [brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def account_details(iban: str, key: str) -> Json:
    """Return the SEPA debit object of a payment method, which holds four digits of the IBAN."""
    return {
        "bank_code": iban[4:12],
        "branch_code": "",
        "country": iban[:2],
        "fingerprint": hashlib.blake2b(iban.encode(), key=key.encode()[:64], digest_size=8).hexdigest(),
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": iban[-4:],
    }


def _fingerprint(number: str, salt: str) -> str:
    """Return the same text for the same card, from which the number cannot be found by trying."""
    return hashlib.scrypt(number.encode(), salt=salt.encode(), n=1024, r=8, p=1, dklen=12).hex()[:16]


_test_fingerprint = lru_cache(maxsize=len(COUNTRIES))(_fingerprint)  # of test cards only: no secret is kept


def create_token(provider: Provider, kind: str, details: Json, billing: Json) -> Json:
    """Create the token of a card or an account; it is nobody's yet."""
    nulls, fields = "customer customer_account", {"allow_redisplay": "unspecified", "billing_details": billing}
    token = new_object(METHOD, new_id("pm"), nulls, metadata={}, type=kind, **{kind: details}, **fields)
    provider.state.save(token)
    return token


def attach(provider: Provider, token: Json, customer: str) -> None:
    """Keep a token for a customer."""
    if token["customer"] != customer:
        token["customer"] = customer
        provider.emit("payment_method.attached", token)


def detach(provider: Provider, token: Json) -> Json:
    """Give up a token, which can never be used again."""
    if token["customer"] is None:
        raise Refusal(
            "The payment method you provided is not attached to a customer so detachment is impossible.", kept=True
        )
    before = {"customer": token["customer"]}
    token["customer"] = None
    provider.emit("payment_method.detached", token, before)
    return token


def tokens_of(provider: Provider, customer: str) -> list[Json]:
    """List the tokens kept for a customer, oldest first."""
    return [token for token in provider.state.all(METHOD) if token["customer"] == customer]


def create_customer(provider: Provider, params: Json) -> Json:
    """Create a customer."""
    wire.refuse_unknown(params, CUSTOMER_PARAMETERS)
    customer = new_object(
        CUSTOMER,
        new_id("cus", 14),
        "address currency default_source discount shipping test_clock",
        balance=0,
        delinquent=False,
        description=wire.text(params, "description"),
        email=wire.text(params, "email"),
        invoice_prefix=new_id("", 8).strip("_").upper(),
        invoice_settings=dict.fromkeys(("custom_fields", "default_payment_method", "footer", "rendering_options")),
        metadata=wire.metadata(params),
        name=wire.text(params, "name"),
        next_invoice_sequence=1,
        phone=wire.text(params, "phone"),
        preferred_locales=[],
        tax_exempt="none",
    )
    provider.emit("customer.created", customer)
    return customer


def delete_customer(provider: Provider, customer: Json) -> Json:
    """Delete a customer and give up the tokens kept for it."""
    for token in tokens_of(provider, customer["id"]):
        token["customer"] = None
        provider.state.save(token)
    deleted: Json = {"id": customer["id"], "object": CUSTOMER, "deleted": True}
    provider.emit("customer.deleted", customer)
    provider.state.save(deleted)
    return deleted


def need_customer(provider: Provider, key: str, *, param: str | None = None) -> Json:
    """Return a customer that a call names and that is not deleted; refuse the call if there is none."""
    customer = provider.need(CUSTOMER, key, param=param)
    if customer.get("deleted"):
        raise wire.no_such(CUSTOMER, key, param=param)
    return customer
