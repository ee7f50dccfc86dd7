"""What delivery needs outside, as the doctor looks at it."""

from collections.abc import Sequence

from chassis.doctor import Diagnosis, well, wrong

from delivery.clients.objects import Objects, StorageAway


async def examine(objects: Objects) -> Sequence[Diagnosis]:
    """Look whether the store of files answers."""
    try:
        await objects.answer()
    except StorageAway as error:
        step = "Look at STORAGE_URL, the AWS_... variables, and whether the directory or bucket is there and ours."
        return [wrong("store", f"The store of files does not answer ({error}).", step)]
    return [well("store", "the store of files answers")]
