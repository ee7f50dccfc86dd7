"""The route of VAT rates, by which shops for businesses show prices without it."""

from typing import Annotated
from zoneinfo import ZoneInfo

from chassis.db import Read
from chassis.web import Listing, Routes, View
from pydantic import Field

from orders.domain.rules import ZONE
from orders.store import tax_rates

routes = Routes()


class RateView(View):
    """The rate of a class of articles, in basis points: 1900 is 19 per cent."""

    tax_class: str
    rate: int


@routes.get("/tax-rates", kept_seconds=60)
async def list_rates(read: Read, country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]) -> Listing[RateView]:
    """The rates of VAT of a country that hold now; none where it is not known yet."""
    found = await tax_rates.of_country(read, country, read.now.astimezone(ZoneInfo(ZONE)).date())
    return Listing(items=[RateView(tax_class=name, rate=rate) for name, rate in found.items()])
