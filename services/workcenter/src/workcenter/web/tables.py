"""Tables that are sorted and filtered; how they are asked for stands in the address, so that a bookmark stays good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web
from pages.visit import Visit

from workcenter.domain.ordering import containing, ordered
from workcenter.web.desk import MOST_SORTED, Desk

AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """How somebody wants a table: sorted by a column, only rows with these words, from a place in the list on."""

    sort: str = ""
    descending: bool = False
    find: str = ""
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as they were asked for; `cut` says that only the newest of them were looked at."""

    path: str
    kept: Mapping[str, str]
    asked: Asked
    rows: Sequence[Any]
    following: str | None = None
    cut: bool = False

    @property
    def sort(self) -> str:
        """The column by which they are sorted, nothing where they come as the service lists them."""
        return self.asked.sort

    @property
    def descending(self) -> bool:
        """Whether the greatest come first."""
        return self.asked.descending

    @property
    def find(self) -> str:
        """The words that each row has."""
        return self.asked.find

    @property
    def hidden(self) -> dict[str, str]:
        """What a form that filters sends along."""
        return dict(self.kept) | self._sorting()

    @property
    def link(self) -> str:
        """The address to which a column's head adds how to sort."""
        return self._address(dict(self.kept) | self._finding()) + "&"

    @property
    def whole(self) -> str:
        """The address of these rows without a place in the list."""
        return self._address(dict(self.kept) | self._finding() | self._sorting())

    @property
    def unsorted(self) -> str:
        """The address of these rows as their service orders them."""
        return self._address(self.kept)

    def _sorting(self) -> dict[str, str]:
        return {} if not self.sort else {"sort": self.sort} | ({"descending": "true"} if self.descending else {})

    def _finding(self) -> dict[str, str]:
        return {"find": self.find} if self.find else {}

    def _address(self, query: Mapping[str, str]) -> str:
        return f"{self.path}?{urlencode(query)}"


def arranged(
    place: str,
    columns: Sequence[str],
    asked: Asked,
    rows: Sequence[Any],
    *,
    kept: Mapping[str, str] | None = None,
    following: str | None = None,
    cut: bool = False,
) -> Table:
    """Return rows that are at hand as a table of the page at `place`, sorted and filtered as it is asked for."""
    known = asked.sort in columns
    asked = Asked(asked.sort if known else "", known and asked.descending, asked.find.strip(), asked.cursor)
    if asked.find:
        rows = containing(rows, columns, asked.find)
    if asked.sort:
        rows = ordered(rows, asked.sort, descending=asked.descending)
    return Table(place, kept or {}, asked, rows, following, cut)


async def listed(
    desk: Desk,
    visit: Visit,
    source: tuple[str, str],
    place: str,
    columns: Sequence[str],
    asked: Asked,
    *,
    kept: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
    recorded: bool = False,
    paged: bool = True,
) -> Table:
    """Return a list of a service (its name and path) as a table of the page at `place`, whose address has `kept`, too.

    A list that is not `paged` comes whole. Of one whose reading is `recorded`, no more rows are asked for than are
    shown: those are sorted.
    """
    service, path = source
    whole = deep(asked, columns) and not recorded
    part = part_of(asked, whole=whole) if paged else {}
    found = await desk.upstream.get(visit, service, path, **part, **(query or {}))
    return counted(place, columns, asked, found["items"], found.get("next"), whole=whole, kept=kept)


def deep(asked: Asked, columns: Sequence[str]) -> bool:
    """Return whether more rows than one page are looked at, for they are sorted or filtered here."""
    return bool(asked.sort in columns or asked.find.strip())


def part_of(asked: Asked, *, whole: bool) -> dict[str, Any]:
    """Return which part of a list with a cursor a service is asked for: its newest rows, or a page."""
    return {"cursor": None, "limit": MOST_SORTED} if whole else {"cursor": asked.cursor, "limit": AT_ONCE}


def counted(
    place: str,
    columns: Sequence[str],
    asked: Asked,
    rows: Sequence[Any],
    following: str | None,
    *,
    whole: bool,
    kept: Mapping[str, str] | None = None,
) -> Table:
    """Return the part of a list that a service has answered with, and the cursor of what follows, as a table."""
    cut = whole and following is not None
    return arranged(place, columns, asked, rows, kept=kept, following=None if whole else following, cut=cut)


async def shown(
    desk: Desk,
    visit: Visit,
    template: str,
    source: tuple[str, str],
    place: str,
    columns: Sequence[str],
    asked: Asked,
    *,
    kept: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
    recorded: bool = False,
    paged: bool = True,
    **facts: Any,
) -> web.Response:
    """Return the page of a list alone, which is asked for as `listed` does.

    `kept` is in the page's address and in the question, `query` in that alone.
    """
    both = {**(kept or {}), **(query or {})}
    table = await listed(
        desk, visit, source, place, columns, asked, kept=kept, query=both, recorded=recorded, paged=paged
    )
    return desk.page(visit, template, table=table, **facts)
