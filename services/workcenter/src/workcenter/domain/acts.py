"""Acts as the audit log has them: what each was about, and the page that shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# the pages of what acts are about, by kind; of some the id is only the beginning of what is named
PAGES: Final = {
    "order": "/orders/{}",
    "customer": "/customers/{}",
    "conversation": "/conversations/{}",
    "claim": "/claims/{}",
    "product": "/articles/{}",
    "settings": "/skus/{}",
    "stock": "/skus/{}",
    "file": "/skus/{}",
    "entry": "/money/review/{}",
    "withdrawal": "/withdrawals?state=all",
    "export": "/cases/exports",
    "redemption": "/rewards",
    "statement": "/money",
    "staff": "/staff",
    "service": "/services",
    "partner": "/partners",
}
# facts of an act that say what else it belongs to, of kinds that have no page of their own
BELONGS_TO: Final = ("order", "conversation")
# what a sentence has in place of what the act was about, and where those of all services stand
WHAT: Final = "{what}"
EVERY: Final = "every"
# by service, and by what the log calls the act
Sentences = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class About:
    """What an act was about: its kind and id, and the path of the page that shows it, empty where there is none."""

    kind: str
    id: str
    path: str = ""


def about(act: Mapping[str, Any]) -> About:
    """Return what an act was about, or what that belongs to: the order of a refund."""
    kind, object_id = act["kind"], act["object"]
    if kind in PAGES and object_id:
        return About(kind, object_id, PAGES[kind].format(object_id.partition("/")[0]))
    facts = {**act["before"], **act["after"]}
    if isinstance(sku := facts.get("sku"), str):
        return About("settings", sku, PAGES["settings"].format(sku))
    for owner in BELONGS_TO:
        if isinstance(found := facts.get(owner), str):
            return About(owner, found, PAGES[owner].format(found))
    return About(kind, object_id)


def sentence(sentences: Sentences, service: str, operation: str) -> str:
    """Return the sentence of an act, empty where there is none; commands of the suite begin with the service's name."""
    named = (operation, operation.removeprefix(f"{service} "))
    found = (sentences.get(place, {}).get(name, "") for name in named for place in (service, EVERY))
    return next(filter(None, found), "")


def choices(sentences: Sentences, service: str) -> list[tuple[str, str]]:
    """Return the acts that there are in a service, each with its sentence about anything, in the order of these."""
    all_of_it = {**sentences.get(EVERY, {}), **sentences.get(service, {})}
    return sorted(((name, text.replace(WHAT, "…")) for name, text in all_of_it.items()), key=lambda one: one[1].lower())
