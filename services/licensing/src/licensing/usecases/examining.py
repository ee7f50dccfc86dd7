"""What the doctor asks of licensing's own database: whether what is paid gets its keys."""

from collections.abc import Sequence
from itertools import starmap

from chassis.db import Read
from chassis.doctor import Diagnosis, concern

from licensing.store import units


async def waiting(read: Read) -> Sequence[Diagnosis]:
    """Tell of each SKU that is paid and out of stock, the longest waiting first."""
    return list(starmap(_lacking, await units.out_of_stock(read)))


def _lacking(tenant: str, sku: str, count: int) -> Diagnosis:
    orders = "One paid order waits" if count == 1 else f"{count} paid orders wait"
    step = f"Import serials: in the Work Center, or  service serials import FILE --sku {sku} --tenant {tenant}"
    return concern("missing keys", f"{orders} for keys of {sku}, of which none are in stock (tenant {tenant}).", step)
