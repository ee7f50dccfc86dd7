"""What clients send."""

from datetime import date
from typing import Annotated, Literal

from chassis.web import Body, RuleBroken
from contracts.bounds import Time
from pydantic import AfterValidator, BeforeValidator, Field

from catalog.domain import presentation, product
from catalog.domain.product import LONGEST_DELIVERY, KeySource, KeysPer

Sku = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Code = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Words = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
CustomerType = Literal["consumer", "business"]
Language = Literal["de", "en"]
# one line; and several, with tabs
LINE, LINES = r"^[^\x00-\x1f\x7f]*$", r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Alt = Annotated[str, Field(min_length=1, max_length=presentation.LONGEST_LINE, pattern=LINE)]
State = Literal["for_sale", "draft", "current", "withdrawn", "all"]
Sort = Literal["name", "line", "price", "changed"]


def _in_one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


# as an assortment's file has it: blanks are one each, so that nothing is there twice
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=LINE), BeforeValidator(_in_one_line)]
EditionCode = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")]


class DeliveryDays(Body):
    """How many working days a box takes from payment to its buyer."""

    least: Annotated[int, Field(ge=1, le=LONGEST_DELIVERY)]
    most: Annotated[int, Field(ge=1, le=LONGEST_DELIVERY)]

    @property
    def named(self) -> product.DeliveryDays:
        """What the rules know of it."""
        return product.DeliveryDays(self.least, self.most)


class Settings(Body):
    """How an article is delivered and licensed; all of it is replaced. Without `devices` keys are not counted.

    `delivery_days` is for boxes alone.
    """

    link_validity_days: Annotated[int, Field(ge=1, le=3650)]
    download_limit: Annotated[int, Field(ge=1, le=1000)]
    key_source: KeySource
    key_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{0,8}$")] = ""
    low_stock: Annotated[int, Field(ge=0, le=100_000)] = 5
    keys_per: KeysPer = KeysPer.UNIT
    devices: Annotated[int, Field(ge=1, le=10_000)] | None = None
    delivery_days: DeliveryDays | None = None


class NewRrp(Body):
    """A recommended gross price in minor units, valid from now on or from a date to come."""

    amount: Annotated[int, Field(ge=1, le=999_999_999_999)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    valid_from: Time | None = None


class NewPrice(NewRrp):
    """A gross price of an article in a channel."""

    sku: Sku


class Text(Body):
    """What is written of a family, product or edition in a language; `description` and `requirements` are Markdown."""

    title: Annotated[str, Field(max_length=presentation.LONGEST_TITLE, pattern=LINE)] = ""
    summary: Annotated[str, Field(max_length=presentation.LONGEST_SUMMARY, pattern=LINE)] = ""
    description: Annotated[str, Field(max_length=presentation.LONGEST_DESCRIPTION, pattern=LINES)] = ""
    requirements: Annotated[str, Field(max_length=presentation.LONGEST_REQUIREMENTS, pattern=LINES)] = ""
    hours: Annotated[str, Field(max_length=presentation.LONGEST_LINE, pattern=LINE)] = ""


class Support(Body):
    """Who supports it and until when; `secure_until` is the last day of security updates (CRA)."""

    contact: Annotated[str, Field(max_length=presentation.LONGEST_LINE, pattern=presentation.CONTACT)] = ""
    supported_until: date | None = None
    secure_until: date | None = None


class NewOffer(Body):
    """A channel that is to sell it, and at what; direct channels sell at the recommended price, so `amount` is null."""

    channel: Code
    amount: Annotated[int, Field(ge=1, le=999_999_999_999)] | None = None


def _each_once(offers: list[NewOffer]) -> list[NewOffer]:
    if len({offer.channel for offer in offers}) < len(offers):
        raise RuleBroken("each channel sells it once")
    return offers


# what is written of each, by language
Texts = dict[Language, Text]


class NewProduct(Body):
    """A product that there is not yet, with one edition and one article; prices are gross, in minor units, from now.

    What is written of its line or its family in a language replaces what was; a language that is not named stays.
    """

    line: Name
    family: Name
    version: Name
    edition: EditionCode
    edition_name: Name
    sku: Sku
    fulfilment: Literal["download", "boxed"]
    delivery_days: DeliveryDays | None = None
    tax_class: Literal["standard", "reduced"] = "standard"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    rrp: Annotated[int, Field(ge=1, le=999_999_999_999)]
    offers: Annotated[list[NewOffer], Field(max_length=100), AfterValidator(_each_once)]
    draft: bool = False
    line_texts: Texts = Field(default_factory=dict[Language, Text])
    family_texts: Texts = Field(default_factory=dict[Language, Text])
    texts: Texts = Field(default_factory=dict[Language, Text])
