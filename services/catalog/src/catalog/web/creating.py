"""Making a product from nothing: the sales staff may."""

from chassis.db import Tx
from chassis.identity import Caller
from chassis.web import Routes

from catalog.domain.assortment import WantedEdition, WantedListing, WantedProduct, WantedVariant
from catalog.domain.money import WantedPrice
from catalog.domain.presentation import Text, WantedPresentation
from catalog.usecases import creating
from catalog.usecases.loading import OF_LINE
from catalog.web import bodies
from catalog.web.assortment import view_assorted

routes = Routes()


@routes.post("/assortment", allow="sales", creates=view_assorted)
async def create_product(tx: Tx, caller: Caller, body: bodies.NewProduct) -> dict[str, object]:
    """Sell a product that there is not yet; `faults` of a refusal names each field that is in the way.

    A `draft` is in no shop, and nobody is told of it, until it is published.
    """
    wanted = _wanted(body)
    return {"product": await creating.create(tx, caller.tenant, wanted, _shown(body), draft=body.draft)}


def _shown(body: bodies.NewProduct) -> dict[tuple[str, ...], WantedPresentation]:
    paths = {
        (OF_LINE, body.line): body.line_texts,
        (body.family,): body.family_texts,
        (body.family, body.version): body.texts,
    }
    return {
        path: WantedPresentation({language: Text(**text.model_dump()) for language, text in texts.items()})
        for path, texts in paths.items()
        if texts
    }


def _wanted(body: bodies.NewProduct) -> WantedProduct:
    listings = tuple(
        WantedListing(offer.channel, None if offer.amount is None else (WantedPrice(offer.amount, body.currency),))
        for offer in body.offers
    )
    rrp = (WantedPrice(body.rrp, body.currency),)
    settings = {} if body.delivery_days is None else {"delivery_days": body.delivery_days.named}
    variant = WantedVariant(body.sku, body.fulfilment, body.tax_class, rrp, settings, listings)
    edition = WantedEdition(body.edition, body.edition_name, "", (variant,))
    return WantedProduct(body.line, body.family, body.version, exclusive=False, editions=(edition,))
