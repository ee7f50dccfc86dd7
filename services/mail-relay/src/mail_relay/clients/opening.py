"""Opening of boxes that were sealed to buyers' contact keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chassis.identity import ERASED, KeyRings, Keys
from contracts.event import Sealed

PURPOSE = "relay messages"


async def unlocked(boxes: Iterable[Sealed], keys: KeyRings) -> Keys:
    """Return the keys of boxes. Raises KeysUnavailable."""
    return await keys.ring(PURPOSE).unlock(boxes)


class BoxErased(Exception):
    """The customer's key has been destroyed: nobody can read any more what was sealed to it."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """Boxes whose keys are at hand, each of which is opened when its text is asked for."""

    sealed: Mapping[str, Sealed]
    keys: Keys

    def text(self, box: str) -> str:
        """Return what is in a box. Raises BoxErased, KeysUnavailable, SealBroken."""
        content = self.keys.open(self.sealed[box])
        if content is ERASED:
            raise BoxErased
        return content


async def unlock_boxes(texts: Iterable[str], keys: KeyRings) -> Boxes:
    """Return boxes with their keys. Raises KeysUnavailable."""
    sealed = {text: Sealed.parse(text) for text in texts}
    return Boxes(sealed, await unlocked(sealed.values(), keys))


async def open_boxes(texts: Iterable[str], keys: KeyRings) -> dict[str, str] | None:
    """Return the text of every box, None where the customer's key has been destroyed.

    Raises KeysUnavailable, SealBroken.
    """
    boxes = await unlock_boxes(texts, keys)
    try:
        return {text: boxes.text(text) for text in boxes.sealed}
    except BoxErased:
        return None
