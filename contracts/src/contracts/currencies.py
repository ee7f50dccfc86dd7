"""The currencies in which amounts can be paid, and the minor units in which every amount is written.

The source is the payment provider's page of supported currencies (https://docs.stripe.com/currencies), not CLDR or
ISO 4217: what it is sent is what it charges, and in some currencies its minor unit is another one than theirs. Of its
currencies those are here that ISO 4217 still has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# What the sellers' bank accounts are kept in: the one currency in which transfers are asked for and booked.
TRANSFERRED: Final = "EUR"

_WITHOUT_DECIMALS: Final = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
_THREE_DECIMALS: Final = "BHD JOD KWD OMR TND"
# these have two decimals, which must be 00
_WHOLE: Final = "ISK UGX"
_TWO_DECIMALS: Final = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE CZK
    DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD KES KGS KHR KYD KZT
    LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
    PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TOP TRY TTD TWD TZS UAH UGX USD UYU UZS WST
    XCD YER ZAR ZMW
"""
# In other currencies the least amount follows from the exchange rate of the day.
_LEAST = {
    "AED": 200,
    "AUD": 50,
    "BRL": 50,
    "CAD": 50,
    "CHF": 50,
    "CZK": 1500,
    "DKK": 250,
    "EUR": 50,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
    "INR": 50,
    "JPY": 50,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "NZD": 50,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "SGD": 50,
    "THB": 1000,
    "USD": 50,
}
_GREATEST = 99_999_999
_GREATEST_OF = {"IDR": 999_999_999_999}


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency as the provider takes it; `step`, `least` and `greatest` are minor units.

    An amount of 1 is 10 to the power of minus `decimals`; amounts are multiples of `step`, and a payment by card is
    from `least` up to `greatest`.
    """

    code: str
    decimals: int
    step: int
    least: int
    greatest: int

    def prices(self, amount: int) -> bool:
        """Return whether something can cost this: it is above nothing, a multiple of `step`, and can be paid."""
        return 0 < amount <= self.greatest and amount % self.step == 0

    def charges(self, amount: int) -> bool:
        """Return whether this can be paid by card at once."""
        return self.prices(amount) and amount >= self.least


def _currency(code: str, decimals: int) -> Currency:
    step = 10 if decimals == 3 else 100 if code in _WHOLE.split() else 1
    return Currency(code, decimals, step, _LEAST.get(code, step), _GREATEST_OF.get(code, _GREATEST))


CURRENCIES: Final[Mapping[str, Currency]] = {
    code: _currency(code, decimals)
    for decimals, codes in ((0, _WITHOUT_DECIMALS), (2, _TWO_DECIMALS), (3, _THREE_DECIMALS))
    for code in codes.split()
}
