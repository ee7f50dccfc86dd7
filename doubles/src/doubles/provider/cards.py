"""Card numbers: which ones exist, which of the well-known test cards does what."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from .shapes import Json


@dataclass(frozen=True)
class Decline:
    """Why a card does not pay, in the provider's words."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True)
class Card:
    """What the provider keeps of a card: never its number."""

    brand: str
    last4: str
    fingerprint: str
    exp_month: int
    exp_year: int
    country: str
    funding: str

    def details(self) -> Json:
        """Renders the card object of a payment method."""
        return {
            "brand": self.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": self.country,
            "display_brand": self.brand,
            "exp_month": self.exp_month,
            "exp_year": self.exp_year,
            "fingerprint": self.fingerprint,
            "funding": self.funding,
            "generated_from": None,
            "last4": self.last4,
            "networks": {"available": [self.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        }


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
PAYING = {
    "4242424242424242": "US",
    "4000056655665556": "US",
    "4000002760000016": "DE",
    "4000000400000008": "AT",
    "4000007560000009": "CH",
    "5555555555554444": "US",
    "2223003122003222": "US",
    "5200828282828210": "US",
    "5105105105105100": "US",
    "378282246310005": "US",
    "371449635398431": "US",
    "6011111111111117": "US",
    "3056930009020004": "US",
    "3566002020360505": "JP",
    "6200000000000005": "CN",
    "4000000000000259": "US",
    "4000000000002685": "US",
    "4000000000007726": "US",
    "4000000000005126": "US",
}
DISPUTES = {"4000000000000259": "fraudulent", "4000000000002685": "product_not_received"}
REFUNDS = {"4000000000007726": "pending", "4000000000005126": "failed"}
DEBIT = {"4000056655665556", "5200828282828210"}
BRANDS = (
    ("34", "amex"),
    ("37", "amex"),
    ("4", "visa"),
    ("5", "mastercard"),
    ("2", "mastercard"),
    ("35", "jcb"),
    ("36", "diners"),
    ("30", "diners"),
    ("38", "diners"),
    ("6011", "discover"),
    ("65", "discover"),
    ("62", "unionpay"),
)


def passes_luhn(number: str) -> bool:
    """Tells whether the check digit of a card number is right (ISO/IEC 7812-1)."""
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number))]
    return sum(figure - 9 if figure > 9 else figure for figure in doubled) % 10 == 0


def decline(number: str) -> Decline | None:
    """Tells why a card does not pay, or nothing when it does."""
    if number in DECLINES:
        return DECLINES[number]
    return None if number in PAYING else NOT_A_TEST_CARD


def keep(number: str, exp_month: int, exp_year: int, salt: str) -> Card:
    """Reduces a card to what may be kept."""
    brand = next((name for prefix, name in BRANDS if number.startswith(prefix)), "unknown")
    return Card(
        brand=brand,
        last4=number[-4:],
        fingerprint=_known_fingerprint(number, salt) if number in PAYING else _fingerprint(number, salt),
        exp_month=exp_month,
        exp_year=exp_year,
        country=PAYING.get(number, "US"),
        funding="debit" if number in DEBIT else "credit",
    )


def _fingerprint(number: str, salt: str) -> str:
    """Salted and cut, so that the same card is recognised and no number can be searched for."""
    return hashlib.scrypt(number.encode(), salt=salt.encode(), n=1024, r=8, p=1, dklen=12).hex()[:16]


_known_fingerprint = lru_cache(maxsize=len(PAYING))(_fingerprint)  # the test cards' own: no secret is kept
