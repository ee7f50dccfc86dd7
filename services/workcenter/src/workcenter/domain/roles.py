"""Which parts of the Work Center a role may see; the services decide, this keeps doors from being shown in vain."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

SALES, FILES, BOOKKEEPING, SUPPORT, REVIEWER = "sales", "files", "bookkeeping", "support", "reviewer"
OPERATOR, ADMINISTRATOR = "operator", "administrator"
STAFF: Final = frozenset({SALES, FILES, BOOKKEEPING, SUPPORT, REVIEWER, OPERATOR, ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the Work Center: its name, where it begins, who may see it, whose data it shows, what else is in it."""

    name: str
    path: str
    roles: frozenset[str]
    service: str
    within: tuple[str, ...] = ()


PARTS: Final = (
    Part(
        "orders",
        "/orders",
        frozenset({SALES, SUPPORT, BOOKKEEPING, REVIEWER}),
        "orders",
        ("/customers", "/withdrawals"),
    ),
    Part("articles", "/articles", frozenset({SALES, FILES, SUPPORT}), "catalog", ("/skus",)),
    Part("downloads", "/downloads", frozenset({SALES, SUPPORT}), "delivery"),
    Part("money", "/money", frozenset({BOOKKEEPING, SALES}), "payments"),
    Part("cases", "/cases", frozenset({REVIEWER}), "mail-relay", ("/claims", "/conversations", "/exports")),
    Part("rewards", "/rewards", frozenset({SUPPORT, SALES}), "rewards", ("/redemptions",)),
    Part("emails", "/emails", frozenset({SUPPORT, SALES}), "letters"),
    Part("erasures", "/erasures", frozenset({SUPPORT, REVIEWER}), "accounts"),
    Part("partners", "/partners", frozenset({SALES, SUPPORT, REVIEWER}), "partners"),
    Part("audit", "/acts", frozenset({REVIEWER}), "accounts"),
    Part("services", "/services", frozenset({OPERATOR}), "accounts"),
    Part("staff", "/staff", frozenset({ADMINISTRATOR}), "accounts"),
)


def parts_of(roles: Collection[str], installed: Collection[str]) -> list[Part]:
    """Return the parts that somebody with these roles may see, of services that the installation has."""
    return [part for part in PARTS if part.service in installed and not part.roles.isdisjoint(roles)]


def part_at(path: str) -> Part | None:
    """Return the part that a page is in, None for a page of none."""
    first = "/" + path.partition("?")[0].strip("/").partition("/")[0]
    return next((part for part in PARTS if first in (part.path, *part.within)), None)


def is_staff(roles: Collection[str]) -> bool:
    """Return whether somebody with these roles works here."""
    return not STAFF.isdisjoint(roles)
