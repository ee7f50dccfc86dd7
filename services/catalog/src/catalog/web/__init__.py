"""The door for HTTP."""

from typing import Final

from chassis.web import Routes

from catalog.domain import errors
from catalog.web import browsing, changing

ROUTES: Final = Routes(
    browsing.routes,
    changing.routes,
    errors={
        errors.ProductUnknown: 404,
        errors.VariantUnknown: 404,
        errors.ChannelUnknown: 404,
        errors.PriceUnknown: 404,
        errors.NotListed: 404,
        errors.NotEligible: 404,
        errors.CatalogError: 422,
    },
)

__all__ = ["ROUTES"]
