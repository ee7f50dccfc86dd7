"""Who writes for a seller: staff lists, adds and removes them (MAIL-13)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Body, Listing, Routes, View
from pydantic import Field

from mail_relay.store import writers
from mail_relay.usecases import writing

SALES, READERS = "sales", ("sales", "support", "reviewer")
Seller = Annotated[str, Field(min_length=1, max_length=64)]
routes = Routes()


class AddWriter(Body):
    """An address, or `@` and a domain of which DMARC proves that a message is from there."""

    address: Annotated[str, Field(min_length=3, max_length=320)]


class WriterView(View):
    """An address, or `@` and a domain, that may write through a seller's aliases."""

    writer: UUID
    address: str
    added_at: datetime


@routes.get("/sellers/{seller}/writers", allow=READERS)
async def list_writers(read: Read, caller: Caller, seller: Seller) -> Listing[WriterView]:
    """Who writes for a seller beside its own address, the oldest first."""
    found = await writers.of_seller(read, caller.tenant, seller)
    return Listing[WriterView](
        items=[WriterView(writer=one.id, address=one.address, added_at=one.added_at) for one in found]
    )


@routes.post("/sellers/{seller}/writers", allow=SALES)
async def add_writer(tx: Tx, caller: Caller, seller: Seller, body: AddWriter) -> Listing[WriterView]:
    """Let one more write through the aliases of a seller; buyers see none of these addresses."""
    await writing.add(tx, caller.tenant, seller, body.address)
    return await list_writers(tx, caller, seller)


@routes.delete("/sellers/{seller}/writers/{writer}", allow=SALES)
async def remove_writer(tx: Tx, caller: Caller, seller: Seller, writer: UUID) -> Listing[WriterView]:
    """Let one of them write no more."""
    await writing.remove(tx, caller.tenant, seller, writer)
    return await list_writers(tx, caller, seller)
