"""What catalog needs outside, as the doctor looks at it."""

from collections.abc import Sequence

from chassis.doctor import Diagnosis, well, wrong
from chassis.storage import StorageAway

from catalog.clients.pictures import Pictures


async def examine(pictures: Pictures) -> Sequence[Diagnosis]:
    """Look whether the store of pictures answers."""
    if pictures.shelf is None:
        return []  # products have no pictures, then
    try:
        await pictures.shelf.answer()
    except StorageAway as error:
        step = "Look at STORAGE_URL, the AWS_... variables, and whether the directory or bucket is there and ours."
        return [wrong("store", f"The store of pictures does not answer ({error}).", step)]
    return [well("store", "the store of pictures answers")]
