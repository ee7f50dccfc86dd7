"""Who writes for a seller: staff adds addresses, or a whole domain of the seller's, and removes them (MAIL-13)."""

from uuid import UUID

from chassis.db import Tx
from contracts.emails import EmailAddress, EmailMalformed
from mailing.authentication import is_registered

from mail_relay.domain.conversation import SellerUnknown
from mail_relay.domain.writer import MOST, PROVIDERS, TooManyWriters, Writer, WriterUnfit, WriterUnknown
from mail_relay.store import sellers, writers


async def add(tx: Tx, tenant: str, seller: str, text: str) -> None:
    """Let an address, or all of a domain, write through the aliases of a seller.

    Adding one again changes nothing. Raises SellerUnknown, WriterUnfit, TooManyWriters.
    """
    if await sellers.find(tx, tenant, seller) is None:
        raise SellerUnknown
    address = _read(text)
    await writers.take_turn(tx, tenant, seller)
    known = await writers.of_seller(tx, tenant, seller)
    if any(one.address == address for one in known):
        return
    if len(known) >= MOST:
        raise TooManyWriters
    new = Writer(tx.new_id(), address, tx.now)
    # the address itself is nobody's business but the table's
    tx.audit("writer", new.id, after={"seller": seller, "whole_domain": address.startswith("@")})
    await writers.add(tx, tenant, seller, new)


async def remove(tx: Tx, tenant: str, seller: str, writer_id: UUID) -> None:
    """Let one of them write no more. Raises WriterUnknown."""
    if not await writers.remove(tx, tenant, seller, writer_id):
        raise WriterUnknown
    tx.audit("writer", writer_id, before={"seller": seller})


def _read(text: str) -> str:
    """Return an address, or `@` and a domain, as two spellings of it are equal. Raises WriterUnfit."""
    whole = text.strip().startswith("@")
    try:
        found = EmailAddress.read(f"anybody{text.strip()}" if whole else text)
    except EmailMalformed:
        raise WriterUnfit from None
    if not is_registered(found.domain) or (whole and found.domain in PROVIDERS):
        raise WriterUnfit
    return f"@{found.domain}" if whole else found.compared
