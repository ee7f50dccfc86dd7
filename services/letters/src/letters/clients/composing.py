"""Writing a letter: the same content as text and as HTML, in the customer's language (RFC 5322, RFC 2046)."""

import tomllib
from binascii import b2a_qp
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from email.policy import compat32
from email.utils import format_datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from babel.dates import format_date, get_timezone_name
from babel.numbers import format_currency, format_percent
from contracts.currencies import CURRENCIES
from contracts.shipping import Carrier, tracking_page
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.filters import do_wordwrap
from mailing.texts import one_line
from markupsafe import Markup

from letters.clients.destination import address_lines, arrives
from letters.clients.heading import answered, encoded, phrased, raw
from letters.clients.looks import looks
from letters.domain.agreement import Seller
from letters.domain.brand import Brand, in_language
from letters.domain.letter import Letter
from letters.domain.notification import DEVICES, Notification
from letters.domain.sending import Sender
from letters.domain.texts import greetable

TEMPLATES = Path(__file__).parent.parent / "templates"
LOCALES = {"de": "de_DE", "en": "en_GB"}
MASK = "\u2022\u2022\u2022\u2022"
ONE_ROW = 32
"""How many signs of a key stand side by side on a telephone."""

Opener = Callable[[str], str]
ON_THE_WIRE = compat32.clone(linesep="\r\n", max_line_length=76)
PART = (
    '\r\n--{}\r\nContent-Type: text/{}; charset="utf-8"\r\nMIME-Version: 1.0\r\n'
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)


class Composer:
    """Writes letters from templates and a table of words for each language."""

    def __init__(self, sender: Sender, delivery_url: str, time_zone: str) -> None:
        self._sender = sender
        self._delivery_url = delivery_url
        # a shop's pages are behind the same door as its downloads
        self._scheme = delivery_url.partition("://")[0]
        self._zone = ZoneInfo(time_zone)
        self._zone_names: dict[tuple[str | None, str], str] = {}
        self._words = {language: _words(language) for language in LOCALES}
        self._pages = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # the same notices and statements stand in most letters
        wrap = partial(do_wordwrap, self._pages, break_on_hyphens=False, break_long_words=False)
        self._pages.filters["wordwrap"] = lru_cache(maxsize=256)(wrap)
        # Not jinja's tables of module state but one of this composer: templates are compiled before the first letter.
        for name in self._pages.list_templates(["txt", "html"]):
            self._pages.get_template(name)

    def message(self, letter: Letter, opened: Mapping[str, str], recipient: str) -> bytes:
        """Return the whole message; the same letter is the same bytes, however often it is sent."""
        posted_to = address_lines(opened[letter.shipping_box], letter.language) if letter.shipping_box else []
        facts = self._facts(letter, opened, lambda box: quote(opened[box], safe=""), opened.__getitem__, posted_to)
        return self._wire("letter", letter.id, self._headers(letter, facts, recipient), facts)

    def notification(self, new: Notification, opened: Mapping[str, str], recipient: str) -> bytes:
        """Return the message of a notification; it is the same however often it is sent."""
        language = new.language if new.language in LOCALES else "en"
        words, seller = self._words[language], new.seller

        def phrase(entry: str, **values: Any) -> str:
            return words[entry].format(**_plain({**new.facts, **({"shop": shop} if shop else {}), **values}))

        name, house = greetable(opened[new.name_box]), new.house_box
        if house is not None:
            # a stranger's letter carries no advertisement in a name
            new.facts["by"] = name or words["somebody"]
            new.facts["organisation"] = greetable(opened[house]) or words["some_organisation"]
            new.facts["as_role"] = words[f"role_{new.facts['role']}"]
            name = ""
        if isinstance(at := new.facts.get("at", new.facts.get("declared_at")), str):
            new.facts["moment"] = self._moment(datetime.fromisoformat(at), LOCALES[language])
        shop = new.brand.name if new.brand else str(new.facts.get("shop") or (seller.legal_name if seller else ""))
        address = self._sender.of(new.brand)
        headers = {
            "From": f"{phrased(shop)} <{address}>" if shop else address,
            **answered(seller, new.brand),
            "To": raw(recipient),
            "Subject": encoded(phrase(f"subject_{new.about}")),
            "Date": format_datetime(new.written_at),
            "Message-ID": new.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": language,
        }
        secret = None if new.secret_box is None else one_line(opened[new.secret_box])
        path = new.path
        if new.about in DEVICES:
            # whoever has the key names the device, so that it may lead away
            new.facts["on"] = greetable(secret or "") or words["some_device"]
            secret = None
        if house is not None:
            path = f"invited?code={quote(secret or '', safe='')}"
        facts = {
            **self._house(new.brand, seller, shop, language),
            "phrase": phrase,
            "marked": partial(_marked, words),
            "about": new.about,
            "next": new.next_step,
            "rows": new.rows,
            "page": new.facts.get("page") or (self._page(new.brand, path) if path else ""),
            "carrier": new.facts.get("carrier"),
            "track": _track(new, secret),
            "device": _device(new.facts),
            "more": new.facts.get("more"),
            "devices": self._devices(new, words, LOCALES[language]),
            "name": name,
            "secret": secret,
        }
        return self._wire("notification", new.id, headers, facts)

    def _wire(self, template: str, id_: UUID, headers: Mapping[str, str], facts: Mapping[str, Any]) -> bytes:
        # by hand, for the library's generator takes as long as the templates
        boundary = f"={id_.hex}="
        parts = f'multipart/alternative; boundary="{boundary}"'
        head = {"Content-Type": parts, "MIME-Version": "1.0", **headers}
        wire = [ON_THE_WIRE.fold_binary(name, value) for name, value in head.items()]
        for kind, ending in {"plain": "txt", "html": "html"}.items():
            text = self._pages.get_template(f"{template}.{ending}").render(facts)
            wire += PART.format(boundary, kind).encode(), b2a_qp(text.encode()).replace(b"\n", b"\r\n")
        wire.append(f"\r\n--{boundary}--\r\n".encode())
        return b"".join(wire)

    def masked(self, letter: Letter, opened: Mapping[str, str], recipient: str) -> str:
        """Return the letter as it is kept: its header and text; links, keys and where boxes go masked."""
        facts = self._facts(letter, opened, _hidden, _hidden, [MASK] if letter.shipping_box else [])
        headers = self._headers(letter, facts, recipient) | {"To": recipient}
        head = "".join(f"{name}: {value}\n" for name, value in headers.items())
        return f"{head}\n{self._pages.get_template('letter.txt').render(facts)}"

    def _house(self, brand: Brand | None, seller: Seller | None, name: str, language: str) -> dict[str, Any]:
        """Return who writes, and how that looks; an imprint that names the seller anyway is not repeated."""
        shown = looks(brand.color if brand else None)
        imprint = in_language(brand.imprint, language) if brand else ""
        own = seller is not None and seller.legal_name in imprint
        return {
            "language": language,
            "line": one_line,
            "whole": _whole,
            "css": shown.styles,
            "sheet": shown.sheet,
            "house": name,
            "brand": brand,
            "seller": seller,
            "shop_page": self._page(brand, ""),
            "brand_says": {
                "tagline": in_language(brand.tagline, language) if brand else "",
                "imprint": [] if own else [row for row in imprint.splitlines() if row.strip()],
            },
        }

    def _page(self, brand: Brand | None, path: str) -> str:
        """Return the address of a page of the brand's shop, if it has any."""
        return f"{self._scheme}://{brand.host}/{path}" if brand and brand.host else ""

    def _moment(self, at: datetime, locale: str) -> str:
        local = at.astimezone(self._zone)
        # Babel is slow to find a zone's name, and there are two of them.
        name = (local.tzname(), locale)
        if name not in self._zone_names:
            self._zone_names[name] = get_timezone_name(local, width="short", locale=locale)
        return f"{_day(local.date(), locale)}, {local:%H:%M:%S} {self._zone_names[name]}"

    def _devices(self, new: Notification, words: Mapping[str, str], locale: str) -> list[str]:
        """Return sentences on the devices that came before the newest, of which the same letter tells."""
        found: list[str] = []
        for at, browser, system in orjson.loads(str(new.facts.get("earlier", "[]"))):
            facts = {"at": at, "browser": browser, "system": system}
            found.append(words[_device(facts)].format(moment=self._moment(datetime.fromisoformat(at), locale), **facts))
        return found

    def _headers(self, letter: Letter, facts: Mapping[str, Any], recipient: str) -> dict[str, str]:
        phrase, seller = facts["phrase"], letter.seller
        return {
            "From": f"{phrased(facts['house'])} <{self._sender.of(letter.brand)}>",
            **answered(seller, letter.brand),
            "To": raw(recipient),
            "Subject": encoded(phrase(f"subject_{letter.subject}", number=letter.order_number)),
            "Date": format_datetime(letter.written_at),
            "Message-ID": letter.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": facts["language"],
        }

    def _facts(
        self, letter: Letter, opened: Mapping[str, str], token: Opener, key: Opener, posted_to: list[str]
    ) -> dict[str, Any]:
        language = letter.language if letter.language in LOCALES else "en"
        locale, words = LOCALES[language], self._words[language]

        def day(moment: datetime) -> str:
            return _day(moment.astimezone(self._zone).date(), locale)

        def link(box: str) -> str:
            return f"{self._delivery_url}/d/{token(box)}"

        def shown_key(box: str) -> str:
            return one_line(key(box))

        def phrase(entry: str, **values: Any) -> str:
            return words[entry].format(**_plain(values))

        house = letter.brand.name if letter.brand else letter.seller.legal_name
        return {
            **self._house(letter.brand, letter.seller, house, language),
            "letter": letter,
            "posted_to": posted_to,
            "order_page": self._page(letter.brand, f"orders/{letter.order_id}"),
            "name": greetable(opened[letter.name_box]),
            "phrase": phrase,
            "marked": partial(_marked, words),
            "day": day,
            "arrives": partial(arrives, phrase),
            "moment": partial(self._moment, locale=locale),
            "money": partial(_money, locale=locale),
            "percent": partial(_percent, locale=locale),
            "link": link,
            "key": shown_key,
        }


def _device(facts: Mapping[str, Any]) -> str:
    """Return the words for moment and device that a letter names: for browser and system, or what is known of it."""
    known = [name for name in ("browser", "system") if facts.get(name)]
    return "_".join(["device", *known]) if "at" in facts else ""


def _track(new: Notification, number: str | None) -> str:
    """Return where the carrier shows a parcel, nothing where that is not known."""
    carrier = new.facts.get("carrier")
    return (tracking_page(Carrier(carrier), number) if carrier and number else None) or ""


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one_line(value, 5000) if isinstance(value, str) else value for name, value in values.items()}


def _marked(words: Mapping[str, str], entry: str, *, number: str, **values: Any) -> Markup:
    """Return words for HTML in which a number does not break."""
    words_of = Markup(words[entry])  # noqa: S704 -- our own words
    return words_of.format(number=_whole(one_line(number)), **_plain(values))


def _whole(text: str) -> Markup:
    """Return a key or number for HTML that does not break at its hyphens; a long one breaks rather than run out."""
    style = "white-space:nowrap" if len(text) <= ONE_ROW else "word-break:break-all"
    return Markup('<span style="{}">{}</span>').format(style, text)


def _words(language: str) -> dict[str, str]:
    return tomllib.loads((TEMPLATES / f"words.{language}.toml").read_text("utf-8"))


# Babel reads a format anew for each use; a letter names its few amounts and days many times, and so do the next ones.
@lru_cache(maxsize=2048)
def _money(amount: int, currency: str, locale: str) -> str:
    return format_currency(Decimal(amount).scaleb(-CURRENCIES[currency].decimals), currency, locale=locale)


@lru_cache(maxsize=256)
def _percent(points: int, locale: str) -> str:
    return format_percent(Decimal(points) / 10_000, "#,##0.## %", locale=locale)


@lru_cache(maxsize=512)
def _day(day: date, locale: str) -> str:
    return format_date(day, "long", locale=locale)


def _hidden(box: str) -> str:
    return MASK
