"""The routes of wordings: what a checkout shows, and a seller's own notice of the right of withdrawal."""

from typing import Annotated, Literal

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Listing, Routes
from pydantic import Field

from orders.domain.notice import Notice
from orders.store import consents
from orders.usecases import wording
from orders.web import bodies, views

routes = Routes()

Language = Literal["de", "en"]
Pieces = Annotated[int, Field(ge=0, le=bodies.MOST_UNITS)]
Name = Annotated[str, Field(min_length=1, max_length=64)]


@routes.get("/checkout-texts", kept_seconds=60)
async def checkout_texts(
    read: Read,
    language: Language = "de",
    tenant: Name | None = None,
    seller: Name | None = None,
    download: Pieces = 1,
    boxed: Pieces = 0,
) -> Listing[views.TextView]:
    """The wordings to be shown at the checkout, and their versions.

    With tenant and seller also the notice of the right of withdrawal, as an order of so many pieces has it.
    """
    shown = (await consents.current(read, language)).shown
    if tenant is not None and seller is not None:
        pieces = {kind: count for kind, count in {"download": download, "boxed": boxed}.items() if count}
        shown["withdrawal_notice"] = await wording.notice(read, tenant, seller, language, pieces)
    texts = [views.TextView(kind=kind, version=version, text=text) for kind, (version, text) in shown.items()]
    return Listing(items=texts)


@routes.put("/sellers/{seller}/notices/{fulfilment}/{language}/{version}", allow="sales")
async def put_notice(
    tx: Tx,
    caller: Caller,
    seller: str,
    fulfilment: Literal["download", "boxed"],
    language: Language,
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")],
    body: bodies.NoticeBody,
) -> views.NoticeView:
    """Let a seller's own notice of the right of withdrawal hold from a moment on; a wrong one is refused with reasons.

    It has every passage of the statutory model, with the place `{seller}` for the seller, in goods also `{goods}`, and
    may have more; the model form follows by itself.
    """
    notice = Notice(version, body.text)
    await wording.put_notice(tx, caller.tenant, seller, language, fulfilment, notice, body.valid_from, caller.subject)
    return views.NoticeView(
        seller=seller, fulfilment=fulfilment, language=language, version=version, valid_from=body.valid_from
    )
