"""Making a product from nothing: the sales staff may."""

from chassis.db import Tx
from chassis.identity import Caller
from chassis.web import Routes

from catalog.domain.assortment import WantedEdition, WantedListing, WantedProduct, WantedVariant
from catalog.domain.money import WantedPrice
from catalog.usecases import creating
from catalog.web import bodies
from catalog.web.assortment import view_assorted

routes = Routes()


@routes.post("/assortment", allow="sales", creates=view_assorted)
async def create_product(tx: Tx, caller: Caller, body: bodies.NewProduct) -> dict[str, object]:
    """Sell a product that there is not yet; `faults` of a refusal names each field that is in the way.

    A `draft` is in no shop, and nobody is told of it, until it is published.
    """
    return {"product": await creating.create(tx, caller.tenant, _wanted(body), draft=body.draft)}


def _wanted(body: bodies.NewProduct) -> WantedProduct:
    listings = tuple(
        WantedListing(offer.channel, None if offer.amount is None else (WantedPrice(offer.amount, body.currency),))
        for offer in body.offers
    )
    rrp = (WantedPrice(body.rrp, body.currency),)
    variant = WantedVariant(body.sku, body.fulfilment, body.tax_class, rrp, {}, listings)
    edition = WantedEdition(body.edition, body.edition_name, "", (variant,))
    return WantedProduct(body.line, body.family, body.version, exclusive=False, editions=(edition,))
