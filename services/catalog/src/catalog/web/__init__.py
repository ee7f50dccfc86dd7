"""The door for HTTP."""

from typing import Final

from chassis.storage import StorageAway
from chassis.web import Routes

from catalog.domain import errors
from catalog.web import assortment, browsing, changing, creating, pictures, presenting

ROUTES: Final = Routes(
    browsing.routes,
    assortment.routes,
    creating.routes,
    changing.routes,
    presenting.routes,
    pictures.routes,
    errors={
        errors.ProductUnknown: 404,
        errors.ProductTaken: 409,
        errors.NoDraft: 409,
        errors.VariantUnknown: 404,
        errors.ChannelUnknown: 404,
        errors.PriceUnknown: 404,
        errors.NotListed: 404,
        errors.NotEligible: 404,
        errors.SubjectUnknown: 404,
        errors.PictureUnknown: 404,
        errors.PictureTooLarge: 413,
        errors.PictureUnreadable: 415,
        errors.PictureLeaving: 503,
        errors.PicturesNotKept: 404,
        errors.CatalogError: 422,
        StorageAway: 503,
    },
)

__all__ = ["ROUTES"]
