"""Putting a seller's own notice of the right of withdrawal in force, and showing the one that an order would have."""

from datetime import datetime

from chassis.db import Read, Tx

from orders.domain.notice import Notice, NoticeWrong, faults, of_order
from orders.store import consents, sellers


class SellerUnknown(Exception):
    """There is no such seller."""


class NoticeKept(Exception):
    """A notice of this version, or from this moment on, is there and is never changed; give a new one of each."""


async def put_notice(
    tx: Tx, tenant: str, seller: str, language: str, fulfilment: str, notice: Notice, valid_from: datetime, by: str
) -> None:
    """Let a seller's own notice hold for the orders that are placed from a moment on.

    Raises SellerUnknown, NoticeKept, and NoticeWrong where the law is not kept or the moment is over.
    """
    if await sellers.contact(tx, tenant, seller) is None:
        raise SellerUnknown
    wrong = faults(language, fulfilment, notice.text)
    if valid_from < tx.now:
        wrong.append("it would hold from a moment that is over, for orders that have been placed with another")
    if wrong:
        raise NoticeWrong(wrong)
    if not await consents.put_notice(tx, tenant, seller, language, fulfilment, notice, valid_from, by):
        raise NoticeKept
    named = f"{seller} {fulfilment} {language} {notice.version}"
    tx.audit("notice", named, after={"valid_from": valid_from, "text": notice.text})


async def notice(read: Read, tenant: str, seller: str, language: str, pieces: dict[str, int]) -> tuple[str, str]:
    """Return version and text of the notice that an order of so many pieces has now.

    Raises SellerUnknown, NoticeIncomplete.
    """
    contact = await sellers.contact(read, tenant, seller)
    if contact is None:
        raise SellerUnknown
    return of_order(language, (await consents.current(read, language, tenant, seller)).notices, pieces, contact)
