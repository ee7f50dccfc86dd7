"""What a shop shows: families with their editions, and of each the texts in the reader's language."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

LANGUAGES: Final = ("de", "en")
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is written of something, and its picture; `language` is that of `description` and `requirements`."""

    title: str
    summary: str = ""
    description: str = ""
    requirements: str = ""
    hours: str = ""
    contact: str = ""
    supported_until: str = ""
    secure_until: str = ""
    language: str = ""
    picture: Facts | None = None
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """An edition of a version: one of the choices that a family has."""

    product: Facts
    edition: Facts
    shown: Shown
    price: Facts
    varies: bool

    @property
    def path(self) -> str:
        """Where the page of the edition is."""
        return f"/products/{self.product['product']}/{self.edition['code']}"

    @property
    def fulfilments(self) -> list[str]:
        """How it comes, each way once."""
        return list(dict.fromkeys(variant["fulfilment"] for variant in self.edition["variants"]))


@dataclass(frozen=True, slots=True)
class Family:
    """A family: its versions' editions as choices, and from which price on it is sold; `line` as people read it."""

    id: str
    name: str
    line: str
    shown: Shown
    choices: Sequence[Choice]

    @property
    def path(self) -> str:
        """Where one chooses: the page of the family, or of its only edition."""
        return f"/families/{self.id}" if len(self.choices) > 1 else self.choices[0].path

    @property
    def currency(self) -> str:
        """The currency of its range of prices."""
        return str(self.choices[0].price["currency"])

    @property
    def lowest(self) -> int:
        """The lowest price, in minor units."""
        return min(self._amounts())

    @property
    def highest(self) -> int:
        """The highest price, in minor units."""
        return max(self._amounts())

    @property
    def varies(self) -> bool:
        """Whether its prices differ."""
        return self.lowest != self.highest

    def _amounts(self) -> list[int]:
        variants = (variant for choice in self.choices for variant in choice.edition["variants"])
        return [shown_amount(variant["prices"][0]) for variant in variants]


def shown_amount(price: Facts) -> int:
    """Return an amount as the shop shows it: without VAT where it has been taken out."""
    return int(price.get("shown", price["amount"]))


def families(products: Iterable[Facts], language: str) -> list[Family]:
    """Return what is sold by families, in the order in which their first products come."""
    grouped: dict[str, list[Facts]] = {}
    for product in products:
        grouped.setdefault(str(product["family_id"]), []).append(product)
    return [_family(members, language) for members in grouped.values()]


def shown(presentations: Mapping[str, Facts], subjects: Sequence[str], language: str, name: str) -> Shown:
    """Return how the first of these subjects is shown; what it lacks is shown as that of the next.

    A text that is not there in a language is shown in another; the title is the subject's own or else its name.
    """
    found = [presentations[subject] for subject in subjects if subject in presentations]
    own = presentations.get(subjects[0], {})
    picture: Facts | None = next((one["picture"] for one in found if one.get("picture")), None)
    described, used = _text(found, "description_html", language)
    return Shown(
        title=_text([own] if own else [], "title", language)[0] or name,
        summary=_text(found, "summary", language)[0],
        description=described,
        requirements=_text(found, "requirements_html", language)[0],
        hours=_text(found, "hours", language)[0],
        contact=_fact(found, "support_contact"),
        supported_until=_fact(found, "supported_until"),
        secure_until=_fact(found, "secure_until"),
        language=used or language,
        picture=picture,
        alt="" if picture is None else _of(picture["alt"], language)[0],
    )


def key_follows(variant: Facts, used_up: Container[str]) -> bool:
    """Return whether an article is sold with a key of which none is left, so that it comes later."""
    return variant["key_source"] == "imported" and variant["sku"] in used_up


def title_of(product: Facts, edition: Facts, language: str) -> str:
    """Return what an edition is called in the reader's language: as on its own page."""
    return _choice(product, edition, language).shown.title


def _family(members: list[Facts], language: str) -> Family:
    first = members[0]
    single = f"{first['family']} {first['version']}" if len(members) == 1 else first["family"]
    subjects = [str(first["family_id"]), str(first["product"])]
    choices = [_choice(product, edition, language) for product in members for edition in product["editions"]]
    face = shown(first["presentations"], subjects, language, single)
    return Family(str(first["family_id"]), first["family"], _line(first, language), face, choices)


def _line(product: Facts, language: str) -> str:
    """Return what the line of a product is called in the reader's language."""
    written = product["presentations"].get(str(product["line_id"]), {})
    return _text([written], "title", language)[0] or str(product["line"])


def _choice(product: Facts, edition: Facts, language: str) -> Choice:
    subjects = [str(edition["edition"]), str(product["product"]), str(product["family_id"])]
    prices = [variant["prices"][0] for variant in edition["variants"]]
    face = shown(product["presentations"], subjects, language, _name(product, edition, language))
    lowest = min(prices, key=lambda price: price["amount"])
    return Choice(product, edition, face, lowest, len({price["amount"] for price in prices}) > 1)


def _name(product: Facts, edition: Facts, language: str) -> str:
    """Return the name of an edition without a title; one that is alone and not called after its product has its."""
    if len(product["editions"]) > 1:
        return str(edition["name"])
    known = product["presentations"]
    written = [known[one] for one in (str(product["product"]), str(product["family_id"])) if one in known]
    title = _text(written[:1], "title", language)[0] if str(product["product"]) in known else ""
    if title or product["family"].casefold() in edition["name"].casefold():
        return title or str(edition["name"])
    return _text(written, "title", language)[0] or f"{product['family']} {product['version']}"


def _text(found: Sequence[Facts], name: str, language: str) -> tuple[str, str]:
    """Return the first text of this name, in this language or else another, and its language."""
    for one in found:
        texts = {known: text.get(name, "") for known, text in one.get("texts", {}).items()}
        text, used = _of(texts, language)
        if text:
            return text, used
    return "", ""


def _of(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    for known in (language, *LANGUAGES):
        if texts.get(known):
            return texts[known], known
    return "", ""


def _fact(found: Sequence[Facts], name: str) -> str:
    return next((str(one[name]) for one in found if one.get(name)), "")
