"""Lines that were paid elsewhere, for a landscape without the events of a sale (E1 PLT-13)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from chassis.db import Tx
from chassis.identity import Caller
from chassis.web import Body, Routes, RuleBroken, View, not_found, unfit
from contracts.bounds import Time
from contracts.event import Sealed
from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema

from delivery.domain.orders import Order
from delivery.usecases import paying
from delivery.web.uploads import Sku

routes = Routes()

KEY_BYTES = 32
ENCODED_KEY = "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"
Word = Annotated[str, Field(min_length=1, max_length=64)]


def _of_a_key(public: bytes) -> bytes:
    if len(public) != KEY_BYTES:
        raise RuleBroken(f"a public key has {KEY_BYTES} bytes")
    return public


class Contact(Body):
    """The public half, in base64, of the X25519 key to which the link is sealed; who has the private half opens it."""

    model_config = ConfigDict(val_json_bytes="base64", ser_json_bytes="base64")

    key: UUID
    public: Annotated[bytes, AfterValidator(_of_a_key), WithJsonSchema({"type": "string", "pattern": ENCODED_KEY})]


class PayLine(Body):
    """A line that is paid, of whose files its customer may download each so often within so many days."""

    tenant: Word | None = None
    channel: Word = "direct"
    market: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "DE"
    seller: Word
    order_number: Word
    ordered_at: Time
    customer: UUID
    language: Literal["de", "en"] = "de"
    contact: Contact
    sku: Sku
    name: Annotated[str, Field(min_length=1, max_length=200)]
    units: Annotated[list[UUID], Field(min_length=1, max_length=1000)]
    link_validity_days: Annotated[int, Field(ge=1, le=3650)]
    download_limit: Annotated[int, Field(ge=1, le=1000)]
    deliver_from: Time | None = None


class LineView(View):
    """What a paid line has come to: its link's secret is the sealed `token`, HPKE (RFC 9180) as in `DownloadGranted`.

    It waits while its time has not come or it has no files.
    """

    order: UUID
    line: UUID
    state: Literal["granted", "waiting", "revoked"]
    grant: UUID | None
    valid_until: datetime | None
    download_limit: int
    token: Sealed | None


@routes.put("/orders/{order}/lines/{line}", allow=("service", "sales"))
async def pay_line(tx: Tx, caller: Caller, order: UUID, line: UUID, body: PayLine) -> LineView:
    """Say that a line is paid, where no `OrderPaid` does: it gets its link, or waits for its files. Safe to repeat."""
    facts = Order(
        tenant=_tenant(caller, body.tenant),
        id=order,
        channel=body.channel,
        market=body.market,
        seller=body.seller,
        number=body.order_number,
        ordered_at=body.ordered_at,
        customer_id=body.customer,
        language=body.language,
        contact=body.contact.model_dump_json(),
    )
    terms = (body.link_validity_days, body.download_limit, body.deliver_from)
    taken = await paying.take(tx, paying.Paid(facts, line, body.sku, body.name, body.units, *terms))
    grant = taken.grant
    state: Literal["granted", "revoked"] = "granted" if grant is None or grant.revoked_at is None else "revoked"
    return LineView(
        order=order,
        line=line,
        state="waiting" if grant is None else state,
        grant=None if grant is None else grant.id,
        valid_until=None if grant is None else grant.valid_until,
        download_limit=taken.download_limit if grant is None else grant.download_limit,
        token=None if grant is None else Sealed.parse(grant.sealed_token),
    )


def _tenant(caller: Caller, named: str | None) -> str:
    """Return the caller's tenant; only a service, whose token names none, chooses one."""
    if caller.tenant:
        if named not in (None, caller.tenant):
            raise not_found()
        return caller.tenant
    if named is None:
        raise unfit("A service names the tenant.", "body.tenant", "rule-broken")
    return named
