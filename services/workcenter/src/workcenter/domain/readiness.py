"""What a draft lacks before it can be sold well; only a price and a channel are needed, the rest is advice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

DOWNLOAD, BOXED = "download", "boxed"
# what buyers see of a product beside its name
SEEN = ("text", "picture")


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a product should have: its name, whether it is there, and where it is made."""

    name: str
    done: bool
    path: str
    needed: bool = False


def checklist(product: Mapping[str, Any], faces: list[Mapping[str, Any]], files: Mapping[str, bool]) -> list[Item]:
    """Return what shops show and sell of a product: text and picture, files and delivery times, and a price somewhere.

    `faces` are what is shown of its family, itself and its editions, `files` says of each download whether it has one.
    """
    shown = f"/articles/{product['product']}/shown/{product['family_id']}"
    here = f"/articles/{product['product']}"
    texts = [text for face in faces for text in face["texts"].values()]
    offers = [offer for edition in product["editions"] for one in edition["variants"] for offer in one["offers"]]
    missing = [sku for sku, has in files.items() if not has]
    upload = f"/skus/{missing[0]}" if missing else here
    items = [
        Item("text", any(text["summary"] or text["description"] for text in texts), shown),
        Item("picture", any(face["picture"] for face in faces), shown),
        Item("price", any(offer["prices"] for offer in offers), here, needed=True),
    ]
    if files:
        items.insert(2, Item("file", not missing, upload))
    boxes = [one for edition in product["editions"] for one in edition["variants"] if one.get("fulfilment") == BOXED]
    if boxes:
        items.insert(-1, Item("days", not undated(product), here))
    return items


def bare(items: Iterable[Item]) -> list[Item]:
    """Return what of text and picture a product lacks: without both, shops show its name and nothing else."""
    return [item for item in items if item.name in SEEN and not item.done]


def undated(product: Mapping[str, Any]) -> list[str]:
    """Return the SKUs of boxes of which nobody has named how long they take: the law wants it (EGBGB 246a, 1(1) 7)."""
    variants = [one for edition in product["editions"] for one in edition["variants"]]
    return [one["sku"] for one in variants if one.get("fulfilment") == BOXED and not one.get("delivery_days")]
