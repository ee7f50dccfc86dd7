"""What the doctor asks of delivery's own database: whether what is paid can be delivered."""

from collections.abc import Sequence
from itertools import starmap

from chassis.db import Read
from chassis.doctor import Diagnosis, concern

from delivery.store import lines


async def waiting(read: Read) -> Sequence[Diagnosis]:
    """Tell of each article that is paid and has no files, the longest waiting first."""
    return list(starmap(_lacking, await lines.lacking(read)))


def _lacking(tenant: str, sku: str, count: int) -> Diagnosis:
    rows = "One paid line waits" if count == 1 else f"{count} paid lines wait"
    step = f"Let staff upload them: in the Work Center, or  PUT /skus/{sku}/files/NAME  (docs/guide/by-hand.md)."
    return concern("missing files", f"{rows} for files of {sku}, which has none (tenant {tenant}).", step)
