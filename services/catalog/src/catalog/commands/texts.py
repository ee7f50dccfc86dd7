"""What an assortment file writes of lines, families, products and editions: texts by language, and support."""

from datetime import date
from typing import Any

from chassis.lists import Faults

from catalog.commands import values
from catalog.commands.sheet import Sheet
from catalog.domain import presentation
from catalog.domain.presentation import LANGUAGES, Support, Text, WantedPresentation

TEXT = frozenset({"title", "summary", "description", "requirements", "hours"})
SUPPORT = frozenset({"contact", "supported_until", "secure_until"})
FAMILY = frozenset({"texts", "support"})
LINE = frozenset({"texts"})


def read(sheet: Sheet, faults: Faults) -> WantedPresentation | None:
    """Read the fields `texts` and `support` of a line, a family, a product or an edition; None where it has neither."""
    if not sheet.has("texts") and not sheet.has("support"):
        return None
    return WantedPresentation(_texts(sheet, faults), _support(sheet, faults) if sheet.has("support") else None)


def _texts(sheet: Sheet, faults: Faults) -> dict[str, Text]:
    node = sheet.node("texts")
    if node is None:
        return {}
    languages = Sheet.of(node, faults, frozenset(LANGUAGES))
    return {language: _text(languages.node(language), faults) for language in languages.nodes}


def _text(node: Any, faults: Faults) -> Text:
    sheet = Sheet.of(node, faults, TEXT)
    return Text(
        title=sheet.take("title", values.words(presentation.LONGEST_TITLE), ""),
        summary=sheet.take("summary", values.words(presentation.LONGEST_SUMMARY), ""),
        description=sheet.take("description", values.text(presentation.LONGEST_DESCRIPTION), ""),
        requirements=sheet.take("requirements", values.text(presentation.LONGEST_REQUIREMENTS), ""),
        hours=sheet.take("hours", values.words(presentation.LONGEST_LINE), ""),
    )


def _support(sheet: Sheet, faults: Faults) -> Support:
    fields = Sheet.of(sheet.node("support"), faults, SUPPORT)
    nothing: date | None = None
    return Support(
        contact=fields.take("contact", values.contact, ""),
        supported_until=fields.take("supported_until", values.day, nothing),
        secure_until=fields.take("secure_until", values.day, nothing),
    )
