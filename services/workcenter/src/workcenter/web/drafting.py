"""Drafts: what they lack before they are published, asked of catalog and delivery."""

import asyncio
from typing import Any

from pages.visit import Visit

from workcenter.domain.readiness import DOWNLOAD, Item, checklist
from workcenter.web.asking import Piece, piece
from workcenter.web.desk import Desk


async def lacks(desk: Desk, visit: Visit, product: dict[str, Any], family: Piece) -> list[Item]:
    """Return the check list of a draft; what a service that is away would have is left out."""
    subjects = [product["product"], *(edition["edition"] for edition in product["editions"])]
    skus = [
        variant["sku"]
        for edition in product["editions"]
        for variant in edition["variants"]
        if variant["fulfilment"] == DOWNLOAD
    ]
    faces, files = await asyncio.gather(
        asyncio.gather(*(piece(desk, visit, "catalog", f"/presentations/{one}") for one in subjects)),
        asyncio.gather(*(piece(desk, visit, "delivery", f"/skus/{sku}/files") for sku in skus)),
    )
    known = {sku: bool(one.entries) for sku, one in zip(skus, files, strict=True) if one.state in ("here", "none")}
    return checklist(product, [one.facts for one in (family, *faces) if one.here], known)
