"""Card numbers (PAN, ISO/IEC 7812) in texts and JSON documents: whether there are any, where, and how to mask them."""

import re
from collections.abc import Iterator, Set
from itertools import accumulate
from typing import Any, Final, cast

import orjson

MASK = "***"
UUID_SHAPE = r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F])"
GAPS = r" \u00a0\t.\u2000-\u2015\u202f-"
DIGITS = rf"[0-9](?:[{GAPS}]{{0,3}}[0-9]){{12,}}"
GROUP: Final = re.compile(r"[0-9]+")
ID: Final = re.compile(UUID_SHAPE)
# Most events hold ids and little else with so many digits: without them, a glance is enough.
ID_IN_JSON: Final = re.compile(f'"{"-".join("[0-9a-fA-F]" * count for count in (8, 4, 4, 4, 12))}"'.encode())
SHORTEST_CARD, LONGEST_CARD = 13, 19

# Told apart from card numbers: ids, hashes, telephone numbers (E.164), IBANs and creditor references (ISO 7064).
HASH = r"(?<![0-9A-Za-z])(?=[0-9]*[A-Fa-f])[0-9A-Fa-f]{32,128}(?![0-9A-Za-z])"
PHONE = rf"\+[0-9](?:[{GAPS}]{{0,3}}[0-9]){{6,14}}(?![{GAPS}]{{0,3}}[0-9])"
CHECKED = (
    r"(?<![0-9A-Za-z])(?=[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){0,20}?[0-9](?: ?[0-9]){10})"
    r"(?:RF[0-9]{2}(?: ?[0-9A-Z]){1,21}|[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30})(?![0-9A-Za-z])"
)
NUMBERS: Final = re.compile(f"(?P<id>{UUID_SHAPE}|{HASH}|{PHONE})|(?P<checked>{CHECKED})|(?P<digits>{DIGITS})")
RUN: Final = re.compile(rf"[0-9][0-9{GAPS}]{{12,}}")
# In UTF-8 all gaps beyond ASCII are bytes from 128 on; without gaps, thirteen digits in a row are found at once.
FOLD: Final = bytes(48 if 48 <= byte < 58 else 32 for byte in range(256))
GAP_BYTES: Final = b" \t.-" + bytes(range(128, 256))
THIRTEEN: Final = b"0" * 13
ZERO: Final = ord("0")
# Each digit doubled, and both digits of that added up (ISO/IEC 7812-1, annex B).
DOUBLED: Final = bytes.maketrans(b"0123456789", b"0246813579")
# The lengths in which each issuer's numbers exist (ISO/IEC 7812): 15 digits from 35 on are a telephone's, not a card's.
ISSUED: Final = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|(?:5[1-5]|2[2-7])[0-9]{14}|3[47][0-9]{13}|35[0-9]{14,17}"
    r"|3[0689][0-9]{12,17}|(?:50|5[6-9]|6[0-9])[0-9]{11,17}"
)
SHORTEST_GROUP = 3


def holds_card(text: str) -> bool:
    """Return whether a text has what only a card number looks like: issuer's prefix, length, check digit and groups.

    Ids, hashes, times, IBANs, telephone and article numbers (GTIN-13) do not count. A text without thirteen digits in
    a row takes a microsecond.
    """
    if len(text) < SHORTEST_CARD:
        return False
    if THIRTEEN not in text.encode(errors="replace").translate(FOLD, GAP_BYTES) or ID.fullmatch(text):
        return False
    runs = (list(GROUP.finditer(run[0])) for run in RUN.finditer(text))
    return any(next(_issued_in(run), None) for run in runs) and next(_cards(text), None) is not None


def without_cards(text: str) -> str:
    """Mask the card numbers that `holds_card` finds in a text."""
    return _masked(text, _cards(text))


def without_checked_digits(text: str) -> str:
    """Mask all groups of 13 to 19 digits whose check digit is right, whatever else they may be.

    This is stricter than `without_cards`: what it masks by mistake is missing in a log only.
    """
    return _masked(text, _checked_in(list(GROUP.finditer(text))))


def cards_in_json(document: bytes, but: Set[str] = frozenset()) -> list[tuple[str | int, ...]]:
    """Return the paths of the card numbers in a JSON document, as text, number or name of a field.

    Fields with the names in `but` are not looked into. A document that is not JSON has no card numbers.
    """
    if b"\\" not in document and (
        THIRTEEN not in document.translate(FOLD, GAP_BYTES)
        or not holds_card(ID_IN_JSON.sub(b'""', document).decode(errors="replace"))
    ):
        return []
    try:
        waiting: list[tuple[tuple[str | int, ...], Any]] = [((), orjson.loads(document))]
    except orjson.JSONDecodeError:
        return []
    found: list[tuple[str | int, ...]] = []
    while waiting:
        path, value = waiting.pop()
        match value:
            case dict():
                inner = cast("dict[str, Any]", value).items()
                found += [(*path, name) for name, _ in inner if holds_card(name)]
                waiting += [((*path, name), one) for name, one in inner if name not in but]
            case list():
                waiting += [((*path, at), one) for at, one in enumerate(cast("list[Any]", value))]
            case str() | int() | float() if holds_card(str(value)):
                found.append(path)
            case _:
                pass
    return found


def _masked(text: str, spans: Iterator[tuple[int, int]]) -> str:
    kept: list[str] = []
    done = 0
    for start, end in spans:
        kept += [text[done:start], MASK]
        done = end
    return "".join([*kept, text[done:]])


def _cards(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each card number."""
    at = 0
    while match := NUMBERS.search(text, at):
        at = match.end()
        match match.lastgroup:
            case "digits":
                yield from _issued_in(list(GROUP.finditer(text, match.start(), match.end())))
            case "checked":
                # behind a good reference it goes on, else with the digits in it
                at = _end_of_checked(match) or match.start() + 2
            case _:
                pass


def _issued_in(groups: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    digits = "".join(group[0] for group in groups)
    sizes = [len(group[0]) for group in groups]
    ends = dict(zip(accumulate(sizes), range(len(groups)), strict=True))
    free = 0
    for at, start in enumerate([0, *ends][:-1]):
        spelled_before = at > 0 and sizes[at - 1] == sizes[at] == 1
        if at < free or spelled_before or not ISSUED.match(digits, start):
            continue
        for size in range(LONGEST_CARD, SHORTEST_CARD - 1, -1):
            end = ends.get(start + size)
            number = digits[start : start + size]
            if end is None or not ISSUED.fullmatch(number) or not _written_as_card(number, sizes[at : end + 1]):
                continue
            if _luhn(number):
                yield groups[at].start(), groups[end].end()
                free = end + 1
                break


def _checked_in(groups: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    # A card number starts and ends where a group of digits does: "order 12 4111 1111 1111 1111" holds one.
    at = 0
    while at < len(groups):
        end = _end_of_luhn(groups, at)
        if end is not None:
            yield groups[at].start(), groups[end].end()
        at = at + 1 if end is None else end + 1


def _end_of_luhn(groups: list[re.Match[str]], start: int) -> int | None:
    digits, last = "", None
    for end in range(start, len(groups)):
        digits += groups[end][0]
        if len(digits) > LONGEST_CARD:
            break
        if len(digits) >= SHORTEST_CARD and _luhn(digits):
            last = end
    return last


def _end_of_checked(match: re.Match[str]) -> int | None:
    """Return the end of an IBAN (ISO 13616) or creditor reference (ISO 11649), which ends where a word does."""
    text = match[0]
    for end in [*(gap.start() for gap in re.finditer(" ", text)), len(text)][::-1]:
        reference = text[:end].replace(" ", "")
        enough = len(reference) >= (5 if reference.startswith("RF") else 15)
        if enough and int("".join(str(int(sign, 36)) for sign in reference[4:] + reference[:4])) % 97 == 1:
            return match.start() + end
    return None


def _written_as_card(number: str, sizes: list[int]) -> bool:
    """Return whether groups have three digits and more, or one each: no dates, no lists of prices, no GTIN-13."""
    if sizes == [13]:
        return sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(number)) % 10 != 0
    return min(sizes[:-1], default=SHORTEST_GROUP) >= SHORTEST_GROUP or max(sizes) == 1


def _luhn(digits: str) -> bool:
    backwards = digits[::-1].encode()
    return (sum(backwards[::2]) + sum(backwards[1::2].translate(DOUBLED)) - ZERO * len(digits)) % 10 == 0
