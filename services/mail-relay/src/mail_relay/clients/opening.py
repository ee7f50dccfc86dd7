"""Opening of boxes that were sealed to buyers' contact keys."""

from collections.abc import Iterable

from chassis.identity import ERASED, KeyRings, Keys
from contracts.event import Sealed

PURPOSE = "relay messages"


async def unlocked(boxes: Iterable[Sealed], keys: KeyRings) -> Keys:
    """Return the keys of boxes. Raises KeysUnavailable."""
    return await keys.ring(PURPOSE).unlock(boxes)


async def open_boxes(texts: Iterable[str], keys: KeyRings) -> dict[str, str] | None:
    """Return the text of every box, None where the customer's key has been destroyed.

    Raises KeysUnavailable, SealBroken.
    """
    boxes = {text: Sealed.parse(text) for text in texts}
    found = await unlocked(boxes.values(), keys)
    opened: dict[str, str] = {}
    for text, box in boxes.items():
        content = found.open(box)
        if content is ERASED:
            return None
        opened[text] = content
    return opened
