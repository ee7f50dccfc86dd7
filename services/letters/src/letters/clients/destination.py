"""Where boxes go and how long they take, as it stands in a letter."""

from collections.abc import Callable
from typing import Any, Final

from babel import Locale
from mailing.texts import one_line
from pydantic_core import from_json

NAMED: Final = ("name", "company", "extra", "street")


def address_lines(opened: str, language: str) -> list[str]:
    """Return the lines of an address as orders has sealed it, the country in the customer's language."""
    address: dict[str, Any] = from_json(opened)
    parts = [str(address.get(name) or "") for name in NAMED]
    code = str(address.get("country", ""))
    names: Any = Locale("de" if language == "de" else "en").territories
    parts += [f"{address.get('postal_code', '')} {address.get('city', '')}", str(names.get(code, code))]
    return [line for line in map(one_line, parts) if line]


def arrives(phrase: Callable[..., str], days: tuple[int, int] | None) -> str:
    """Return how long boxes take: as it was named, or else what the law allows at most (BGB 475(1))."""
    if days is None:
        return phrase("arrives_unnamed")
    least, most = days
    if least < most:
        return phrase("arrives", least=least, most=most)
    return phrase("arrives_in" if most > 1 else "arrives_in_one", days=most)
