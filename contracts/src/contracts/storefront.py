"""The events that storefront publishes."""

from typing import ClassVar

from contracts.event import Event, Part, Public


class Brand(Part):
    """How a shop looks and where customers reach it; `color` is `#rrggbb`, texts are by language.

    `mail_from` is the address that its letters are from, where it is not that of the installation. `texts` names the
    legal texts that it has of its own: `imprint`, `privacy`, `terms`, each at `/texts/` and its name.
    """

    name: Public[str]
    color: Public[str]
    tagline: Public[dict[str, str]]
    imprint: Public[dict[str, str]]
    contact: Public[str]
    mail_from: Public[str | None] = None
    texts: Public[list[str] | None] = None


class ShopOpened(Event, key="shop"):
    """A brand sells what a channel has, at these addresses; published again with everything whenever any of it changes.

    `hosts` are names as they stand in an address, with a port where there is one; the first is the one to
    lead to.
    """

    shop: Public[str]
    channel: Public[str]
    hosts: Public[list[str]]
    brand: Public[Brand]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "shop": "nordlicht",
        "channel": "nordlicht",
        "hosts": ["shop.nordlicht.example"],
        "brand": {
            "name": "Nordlicht",
            "color": "#0f766e",
            "tagline": {"de": "Programme für den Norden.", "en": "Programs for the north."},
            "imprint": {"de": "Nordlicht GmbH, Kiel", "en": "Nordlicht GmbH, Kiel, Germany"},
            "contact": "service@nordlicht.example",
            "mail_from": "shop@nordlicht.example",
            "texts": ["imprint", "privacy", "terms"],
        },
    }


class ShopClosed(Event, key="shop"):
    """Nothing is shown at the addresses of a shop any more; others may have them."""

    shop: Public[str]
    channel: Public[str]

    EXAMPLE: ClassVar = {"tenant": "kontor", "shop": "nordlicht", "channel": "nordlicht"}
