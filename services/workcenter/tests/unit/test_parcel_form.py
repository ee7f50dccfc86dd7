"""What staff enters about a parcel: a number that does not fit its carrier is shown again, and nothing is sent."""

from uuid import uuid4

import pytest
from pydantic import ValidationError
from workcenter.web.order_acts import Ship, fits

DHL = "0034 0434 1610 9400 0001"


@pytest.mark.parametrize(
    ("carrier", "number", "right"),
    [
        ("dhl", DHL, True),
        ("ups", DHL, False),
        ("", DHL, False),
        ("other", "<b>", False),
        ("other", "1234\r\nBcc: a@b.example", False),
        ("gls", "ZABC1234", True),
    ],
)
def test_a_number_fits_its_carrier(carrier: str, number: str, *, right: bool):
    sent = Ship.model_validate({"units": str(uuid4()), "carrier": carrier, "tracking_number": number})
    assert fits(sent) is right


@pytest.mark.parametrize("wrong", [{"carrier": "post"}, {"tracking_number": "1" * 61}, {"units": "x"}])
def test_what_the_page_does_not_offer_is_not_taken(wrong: dict[str, str]):
    with pytest.raises(ValidationError):
        Ship.model_validate({"units": str(uuid4()), **wrong})


def test_what_is_left_empty_is_not_sent():
    sent = Ship.model_validate({"units": str(uuid4()), "carrier": "", "tracking_number": " "})
    assert (sent.body["carrier"], sent.body["tracking_number"]) == (None, None)


def test_the_only_unit_needs_no_tick_and_ticks_count_more():
    one, other = uuid4(), uuid4()
    assert Ship.model_validate({"only": str(one)}).body["units"] == [str(one)]
    assert Ship.model_validate({"only": str(one), "units": str(other)}).body["units"] == [str(other)]
    assert Ship.model_validate({}).body["units"] == []
