"""What clients send, and who they are."""

from typing import Annotated

from chassis.web import KEPT_NOWHERE, Body
from pydantic import Field

from licensing.domain.stock import SKU
from licensing.usecases.validating import TypedKey

CUSTOMER = "customer"
# a customer looks at a key of their own: nobody else has licensing open one
OWN_KEYS = "own keys"
# staff looks for the device that a customer wants free: only the names of devices are opened, and it is recorded
DEVICES = "devices"
STAFF = ("sales", "support", "reviewer")
Sku = Annotated[str, Field(pattern=SKU)]
Tenant = Annotated[str, Field(min_length=1, max_length=64)]
# whatever tells one device from another, as a hash of its own
DeviceText = Annotated[str, Field(min_length=1, max_length=200, repr=False)]


class KeyBody(Body):
    """A key as it was typed or pasted, whose product asks, and which product; without a SKU any of theirs will do."""

    # a serial of sixteen digits may look like a card number
    license_key: Annotated[str, Field(min_length=1, max_length=250, json_schema_extra=KEPT_NOWHERE)]
    tenant: Annotated[str, Field(min_length=1, max_length=64)]
    sku: Sku | None = None

    @property
    def key(self) -> TypedKey:
        """What is asked about."""
        return TypedKey(self.license_key, self.tenant, self.sku)


class ValidateKey(KeyBody):
    """A key, and on which device it is to count, if on one it was activated for."""

    device: Annotated[str | None, Field(min_length=1, max_length=200, repr=False)] = None
