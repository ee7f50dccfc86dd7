"""Boxes to another address than the buyer's: the part of the checkout's form that asks for it."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from pages import forms

Line = Annotated[str, Field(max_length=200, repr=False)]
# the fields of the form, by those of an order's body
FIELDS: Final = {
    f"shipping_address.{name}": f"shipping_{name}"
    for name in ("name", "company", "street", "extra", "postal_code", "city", "country")
}
OPTIONAL: Final = ("company", "extra")


class Elsewhere(forms.Form):
    """Where boxes go; it counts where `elsewhere` is ticked, so that nothing goes where a browser has filled in."""

    elsewhere: Literal["yes", ""] = ""
    shipping_name: Line = ""
    shipping_company: Line = ""
    shipping_street: Line = ""
    shipping_extra: Line = ""
    shipping_postal_code: Annotated[str, Field(max_length=16, repr=False)] = ""
    shipping_city: Line = ""
    shipping_country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""

    @property
    def destination(self) -> dict[str, Any] | None:
        """The address as orders takes it; None where boxes go to the buyer."""
        if not self.elsewhere:
            return None
        parts = {path.partition(".")[2]: getattr(self, field) for path, field in FIELDS.items()}
        return {name: text for name, text in parts.items() if text or name not in OPTIONAL}

    @property
    def gaps(self) -> dict[str, str]:
        """The fields that are empty and may not be."""
        parts = self.destination or {}
        return {f"shipping_{name}": "missing" for name, text in parts.items() if not text}
