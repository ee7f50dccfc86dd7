"""Finding what somebody has typed: as it stands there, or, where nothing is found by it, what it may mean."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from chassis.db import Read

from catalog.domain.words import Asked, begun, meant, words
from catalog.store import vocabulary

T = TypeVar("T")
Look = Callable[[Asked | None], Awaitable[Sequence[T]]]
# so many known words are tried for a mistyped one, for not every one is of something that is sold here
TRIED: Final = 5


async def find(read: Read, tenant: str, typed: str | None, look: Look[T]) -> tuple[Sequence[T], str | None]:
    """Return what a search finds; and where only near words are found by it, those, as they are written."""
    if not typed:
        return await look(None), None
    found = await look(Asked.read(typed))
    if found:
        return found, None
    chosen: dict[str, str] = {}
    for word in words(typed):
        if await look(Asked("", "", begun(word))):
            continue
        for near in (await vocabulary.nearest(read, tenant, word))[:TRIED]:
            if await look(Asked("", "", begun(near))):
                chosen[word] = near
                break
    if not chosen:
        return [], None
    query = " & ".join(begun(chosen.get(word, word)) for word in words(typed))
    found = await look(Asked("", "", query))
    if not found:
        return [], None
    known = await vocabulary.written(read, tenant, list(chosen.values()))
    return found, meant(typed, {word: known[near] for word, near in chosen.items()})
