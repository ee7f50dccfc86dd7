"""What a shop promises of boxes, and the other address to which they may go."""

from typing import Any

import pytest
from pydantic import ValidationError
from storefront.domain.shipping import countries, promised
from storefront.web.elsewhere import Elsewhere

TYPED = {
    "shipping_name": "Max Muster",
    "shipping_street": "Am Kai 3",
    "shipping_postal_code": "20457",
    "shipping_city": "Hamburg",
    "shipping_country": "DE",
}


def line(sku: str, *markets: str, days: tuple[int, int] | None = None, fulfilment: str = "boxed") -> dict[str, Any]:
    named = None if days is None else {"least": days[0], "most": days[1]}
    return {"sku": sku, "fulfilment": fulfilment, "markets": list(markets), "delivery_days": named}


def test_a_cart_goes_where_all_of_its_boxes_go_and_one_without_boxes_nowhere():
    download = line("A", "FR", fulfilment="download")
    assert countries([line("B", "DE", "AT"), line("C", "DE", "AT", "CH"), download]) == ["AT", "DE"]
    assert countries([line("B", "DE"), line("C", "AT")]) == []
    assert countries([download]) == []


def test_another_time_or_another_box_is_another_promise():
    lines = [line("B", days=(2, 4)), line("C"), line("D", fulfilment="download")]
    assert promised(lines) == "B:2-4 C:"
    assert promised([line("B", days=(2, 5)), line("C")]) != promised(lines)
    assert promised(lines[2:]) == ""


def test_an_address_counts_where_it_is_ticked_and_needs_what_a_parcel_needs():
    assert Elsewhere.model_validate(TYPED).destination is None
    assert Elsewhere.model_validate(TYPED).gaps == {}
    ticked = Elsewhere.model_validate(TYPED | {"elsewhere": "yes", "shipping_extra": " 2. Stock "})
    assert ticked.gaps == {}
    assert ticked.destination == {
        "name": "Max Muster",
        "street": "Am Kai 3",
        "extra": "2. Stock",
        "postal_code": "20457",
        "city": "Hamburg",
        "country": "DE",
    }
    empty = Elsewhere.model_validate({"elsewhere": "yes", "shipping_company": "Muster GmbH", "shipping_city": "  "})
    assert set(empty.gaps) == TYPED.keys()
    assert set(empty.gaps.values()) == {"missing"}


@pytest.mark.parametrize(("field", "text"), [("shipping_street", "x" * 201), ("shipping_country", "de")])
def test_what_is_no_address_is_refused_at_its_field(field: str, text: str):
    with pytest.raises(ValidationError) as refused:
        Elsewhere.model_validate(TYPED | {field: text})
    assert [fault["loc"] for fault in refused.value.errors()] == [(field,)]
