"""Keys: how generated ones look, how typing errors show offline, and which texts count as the same key (LIC-4)."""

import re
import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUES: Final = {symbol: value for value, symbol in enumerate(ALPHABET)}
RANDOM_SYMBOLS = 22
CHECK_SYMBOLS = 2
BODY: Final = RANDOM_SYMBOLS + CHECK_SYMBOLS
GROUP = 6
LONGEST_PREFIX = 16
# The largest prime that two symbols can hold: as in the pure systems of ISO 7064, with its radix and modulus enlarged,
# every wrong symbol and every swap of two symbols, at any distance, is found, and 99.9 % of what else goes wrong.
MODULUS = 1021
RADIX = len(ALPHABET)

# Crockford reads I and L as 1, and O as 0, and has no U; a prefix may have one.
FOLDED: Final = str.maketrans("ILO", "110")
FOLDED_HEAD: Final = str.maketrans("ILOU", "110V")
SEPARATORS: Final = re.compile(r"[\s-]+")
GENERATED: Final = re.compile(rf"(?:[A-Z0-9]{{1,{LONGEST_PREFIX}}}-)?[A-Z0-9]{{{GROUP}}}(?:-[A-Z0-9]{{{GROUP}}}){{3}}")


class KeyMistyped(Exception):
    """The key's check digits do not fit: look at it again. `forms` are those of a serial of another maker."""

    def __init__(self, forms: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.forms = forms


def generate(prefix: str) -> str:
    """A new key with 110 random bits in Crockford's base 32, two check symbols and the prefix's letters and digits."""
    head = re.sub(r"[^A-Z0-9]", "", prefix.upper())[:LONGEST_PREFIX]
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SYMBOLS))
    body = random + _check(head.translate(FOLDED_HEAD) + random)
    groups = [body[start : start + GROUP] for start in range(0, BODY, GROUP)]
    return "-".join([head, *groups] if head else groups)


def forms(text: str) -> tuple[str, ...]:
    """What a key may stand for, typed in groups that hyphens join: a serial, and a generated key where it can be one.

    Hyphens make no difference; in generated keys neither do I, L and 1, or O and 0.
    Raises KeyMistyped for what looks like a generated key and has other check digits; it may be another maker's.
    """
    plain = text.replace("-", "")
    folded = _folded(plain)
    if folded and _check(folded[:-CHECK_SYMBOLS]) == folded[-CHECK_SYMBOLS:]:
        return f"serial {plain}", f"key {folded}"
    if GENERATED.fullmatch(text):
        raise KeyMistyped((f"serial {plain}",))
    return (f"serial {plain}",)


def tail(text: str) -> str:
    """The end of a key, for people to tell it by: four characters, and never more than a quarter of it."""
    plain = SEPARATORS.sub("", text)
    shown = min(4, len(plain) // 4)
    return plain[len(plain) - shown :]


def _folded(plain: str) -> str:
    """The text in the alphabet of keys; empty where it cannot be a generated key."""
    if not BODY <= len(plain) <= BODY + LONGEST_PREFIX:
        return ""
    folded = plain[:-BODY].translate(FOLDED_HEAD) + plain[-BODY:].translate(FOLDED)
    return folded if all(symbol in VALUES for symbol in folded) else ""


def _check(symbols: str) -> str:
    remainder = 0
    for symbol in symbols:
        remainder = (remainder * RADIX + VALUES[symbol]) % MODULUS
    check = (1 - remainder * RADIX**CHECK_SYMBOLS) % MODULUS
    return ALPHABET[check // RADIX] + ALPHABET[check % RADIX]
