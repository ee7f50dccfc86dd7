"""Telephone numbers in digits and in words."""

import re
from collections.abc import Iterator

import phonenumbers

from mail_relay.domain.policy.finding import Finding, Kind
from mail_relay.domain.policy.folding import Folded
from mail_relay.domain.policy.hinted import either

_GAP = r"[\s()./_*~|,:\xa0-]{0,3}"
_DIGITS = re.compile(
    rf"(?<![\w.,/+-])(?<!\d:)(?P<number>(?:\+{_GAP}|\(\s?\+?)?[\do](?:{_GAP}[\dol]){{6,15}})(?![\w]|[.,:]\d|-[a-z\d])"
)
_CALLED = re.compile(
    r"\b(?:tel(?:efon)?(?:nummer|nr)?|tel\.|phone|telephone|mobile?|mobil(?:nummer|funk)?|cell|handy(?:nummer|"
    r"nr)?|nummer lautet|"
    r"durchwahl|festnetz|ruf\w* (?:mich|uns|doch|einfach|kurz|bitte|gerne?)|anruf\w*|call (?:me|us)|ring me|"
    r"text me|sms|erreich\w*|"
    r"reach (?:me|us)|whatsapp|signal|threema|telegram|fax|hotline|an unter|my number|meine nummer|rückruf\w*|"
    r"call back)\b[^\n!?]{0,40}$"
)
# what long numbers of a shop are called
_NUMBERED = re.compile(
    r"(?:bestell\w*|auftrag\w*|rechnung\w*|kunden\w*|vorgang\w*|ticket\w*|artikel\w*|serien\w*|lizenz\w*|"
    r"schlüssel|key|order|invoice|"
    r"serial|licen[cs]e|customer|case|article|sku|isbn|ean|gtin|error|fehler\w*|code|hash|version|build|id|ust\w*|"
    r"vat|referenz|"
    r"reference|ref|aktenzeichen|produkt\w*|product\w*|pin|steuer\w*|handelsregister|transa[ck]tion\w*|"
    r"tracking\w*|sendung\w*|imei|"
    r"part|mandat\w*|verwendungszweck|beleg\w*|receipt|timestamp|zeitstempel|log|port|amount|betrag|hrb|nr|no|"
    r"vertrag\w*|contract)"
    r"[\s.:#()\w-]{0,28}$|#\s?$"
)
_DATED = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:19|20)?\d\d(?!\d)|(?:19|20)\d\d[./-]?(?:0[1-9]|"
    r"1[0-2])[./-]?(?:0[1-9]|[12]\d|3[01])(?!\d)"
)
_TIMED = re.compile(r"\d\d:\d\d:\d\d")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
# somebody counts, or shows a scale
_COUNTED = "0123456789101112"
_REGIONS = ("DE", "AT", "CH", "GB")

_UNITS = {
    "null": "0", "zero": "0", "oh": "0", "nought": "0", "eins": "1", "one": "1", "zwei": "2", "zwo": "2", "two": "2",
    "drei": "3", "three": "3", "vier": "4", "four": "4", "fünf": "5", "fuenf": "5", "five": "5",
    "sechs": "6", "six": "6",
    "sieben": "7", "seven": "7", "acht": "8", "eight": "8", "neun": "9", "nine": "9", "elf": "11", "zwölf": "12",
    "ten": "10", "zehn": "10", "eleven": "11", "twelve": "12", "plus": "+",
}  # fmt: skip
_TENS = {
    "zwanzig": 2, "dreißig": 3, "dreissig": 3, "vierzig": 4, "fünfzig": 5, "sechzig": 6, "siebzig": 7,
    "achtzig": 8, "neunzig": 9,
    "twenty": 2, "thirty": 3, "forty": 4, "fifty": 5, "sixty": 6, "seventy": 7, "eighty": 8, "ninety": 9,
}  # fmt: skip
_ONES = ("", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_WORDS = (
    _UNITS
    | {word: f"{ten}0" for word, ten in _TENS.items()}
    | {f"{one}und{word}": f"{ten}{unit}" for word, ten in _TENS.items() for unit, one in enumerate(_ONES) if one}
    | {
        f"{one}zehn": f"1{unit}"
        for unit, one in enumerate(("", "", "", "drei", "vier", "fünf", "sech", "sieb", "acht", "neun"))
        if one
    }
)
_WORD = either(_WORDS)
_TIMES = r"(?:doppel|double|triple|dreimal|zweimal|zwei mal|drei mal)[\s-]?"
_SPELT = re.compile(
    rf"(?<!\w)(?:{_TIMES})?(?:{_WORD}|\d{{1,4}})(?:[\s,./*_-]{{0,5}}(?:{_TIMES})?(?:{_WORD}|\d{{1,4}})){{3,}}(?!\w)"
)
# two parts, one of them a word
_JOINT = rf"[\s,./*_-]{{0,5}}(?:{_TIMES})?"
_SPELT_SEEN, _SPELT_BEHIND_DIGIT = re.compile(rf"{_WORD}{_JOINT}(?:{_WORD}|\d)"), re.compile(rf"\d{_JOINT}{_WORD}")
# as many as the shortest number has
_LEAST_DIGITS = 6
_DIGITS_SEEN = re.compile(r"\d(?:\D{0,80}\d){5}")
_PART = re.compile(rf"(?P<times>{_TIMES})?(?:(?P<word>{_WORD})|(?P<digits>\d+))")


def _is_valid(number: str) -> bool:
    """Say whether a number is assigned in a country that we sell in, or anywhere when it has a country's prefix."""
    if not number.startswith(("+", "0")):
        return False
    plain = "+" + number[2:] if number.startswith("00") else number
    for region in (None,) if plain.startswith("+") else _REGIONS:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(plain, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


def _in_digits(spelt: str) -> str:
    """Return the digits of a number that is written in words, with doubles written twice."""
    digits: list[str] = []
    for part in _PART.finditer(spelt):
        value = _WORDS[part["word"]] if part["word"] else part["digits"]
        digits.append(value * (1 if not part["times"] else 3 if part["times"].startswith(("tri", "drei")) else 2))
    return "".join(digits)


def telephones(folded: Folded) -> Iterator[Finding]:
    """Yield the numbers that somebody can be called at."""

    def finding(match: re.Match[str], confidence: float, rule: str) -> Finding:
        return Finding(Kind.TELEPHONE, *folded.span(*match.span()), confidence, f"telephone.{rule}")

    text = folded.text
    for match in _DIGITS.finditer(text) if folded.digits >= _LEAST_DIGITS and _DIGITS_SEEN.search(text) else ():
        written = match["number"]
        number = re.sub(
            r"[^\d+]", "", re.sub("[ol]", lambda sign: "0" if sign[0] == "o" else "1", written.replace("(0)", ""))
        )
        if number in _COUNTED or number[:10] == _COUNTED[:10]:
            continue
        if (
            _DATED.search(written)
            or _TIMED.search(written)
            or _ADDRESS.search(written)
            or sum(sign.isdigit() for sign in written) < 6
        ):
            continue
        before = text[max(0, match.start() - 60) : match.start()]
        called = _CALLED.search(before)
        numbered = _NUMBERED.search(before.rpartition("\n")[2])
        if called and (not numbered or called.start() > numbered.start()) and "," not in written:
            yield finding(match, 0.9, "called")
        elif not numbered and len(number) >= 9 and _is_valid(number) and not re.search(r"\d,\d", written):
            yield finding(
                match, 0.8 if written.startswith("+") or re.search(r"^\(?[0o]\D?1[567]", written) else 0.7, "digits"
            )
    spelt = _SPELT_SEEN.search(text) or (folded.digits and _SPELT_BEHIND_DIGIT.search(text))
    for match in _SPELT.finditer(text) if spelt else ():
        number = _in_digits(match[0])
        words = [part for part in _PART.finditer(match[0]) if part["word"]]
        called = _CALLED.search(text, max(0, match.start() - 60), match.start())
        if words and len(number) >= (7 if len(words) >= 2 else 9) and (number.startswith(("0", "+")) or called):
            yield finding(match, 0.85, "written")
