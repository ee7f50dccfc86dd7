"""What the steps of the demo share: the suite, the shop, the people and their orders."""

from dataclasses import dataclass, field
from typing import Any

from journeys.customer import Customer
from journeys.demo.show import Show
from journeys.mailbox import Mail
from journeys.seller import Shop
from journeys.suite import Suite

SERIAL_SKU = "VISTA-U-ESD"
# each article whose keys come from a stock has some
STOCKED = ("VISTA-HP-ESD", "VISTA-B-ESD", SERIAL_SKU)
GENERATED_SKU = "OFFICE-PRO-ESD"
BUSINESS_SKU = "OFFICE-SB-ESD"
ESD = [
    "VISTA-HP-ESD",
    "VISTA-B-ESD",
    "VISTA-U-ESD",
    "OFFICE-HS-ESD",
    "OFFICE-STD-ESD",
    "OFFICE-SB-ESD",
    "OFFICE-PRO-ESD",
    "WORD-ESD",
    "WORKS-9-ESD",
    "EXPRESSION-WEB-ESD",
]


@dataclass
class Sale:
    """The state of the demo between its steps."""

    suite: Suite
    show: Show
    shop: Shop
    first: Customer
    business: Customer
    leaver: Customer
    order: dict[str, Any] = field(default_factory=dict[str, Any])
    business_order: dict[str, Any] = field(default_factory=dict[str, Any])
    mail: Mail | None = None
    partner: Shop | None = None
    partners_customer: Customer | None = None

    @property
    def the_mail(self) -> Mail:
        """The first customer's e-mail, which a step before has seen."""
        assert self.mail is not None
        return self.mail
