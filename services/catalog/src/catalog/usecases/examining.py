"""What the doctor asks of catalog's own database: whether boxes are sold as the law wants it."""

from collections.abc import Sequence
from itertools import starmap

from chassis.db import Read
from chassis.doctor import Diagnosis, concern

from catalog.store import products


async def undated(read: Read) -> Sequence[Diagnosis]:
    """Tell of each box for sale whose delivery time customers cannot read before they order."""
    return list(starmap(_lacking, await products.undated(read)))


def _lacking(tenant: str, sku: str) -> Diagnosis:
    step = "Name it on the article's page in the Work Center, or in the assortment's file (delivery: {days: 2-4})."
    return concern("delivery time", f"The box {sku} is for sale without a delivery time (tenant {tenant}).", step)
