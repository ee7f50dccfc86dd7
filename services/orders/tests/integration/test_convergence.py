"""Whatever order the topics arrive in, and however often, an order ends in the same state."""

import random
from typing import Any
from uuid import UUID, uuid4

from contracts.delivery import DownloadExtended, DownloadGranted
from contracts.event import Event, Sealed
from contracts.orders import OrderPlaced
from contracts.payments import PaymentRefunded, TransferReceived

from services.orders.tests.integration.conftest import Shop, story, units_of

HISTORIES = 25
OUTCOME = """
select state, closed_at is not null as closed, contact_until,
       (select array_agg((unit, paid_at is null, delivered_at is null, refunded_at is null)::text order by place)
        from units
        where units.order_id = orders.order_id) as units
from orders
where order_id = $1
"""


def history(placed: OrderPlaced, shop: Shop, rng: random.Random) -> list[Event]:
    """A plausible history: paid by parts, granted, sent, extended, sometimes paid back at the provider."""
    units = units_of(placed)
    receipt: dict[str, Any] = {"amount": placed.totals.gross, "currency": "EUR", "booked_at": placed.ordered_at}
    events: list[Event] = [TransferReceived(**story(placed), receipt=uuid4(), units=units[:1], **receipt)]
    events.append(TransferReceived(**story(placed), receipt=uuid4(), units=units, **receipt))
    line = placed.lines[0]
    grant: dict[str, Any] = {"line": line.line, "grant": uuid4(), "download_limit": 5}
    token = Sealed(key=uuid4(), kind="token", box=b"")
    until = placed.ordered_at.replace(year=placed.ordered_at.year + 1)
    granted: dict[str, Any] = {"sku": line.sku, "units": line.units, "files": [], "token": token, "valid_until": until}
    events.append(DownloadGranted(**story(placed), **grant, **granted))
    if rng.random() < 0.5:
        extended = until.replace(year=until.year + 1)
        events.append(DownloadExtended(**story(placed), **grant, valid_until=extended))
    events += [shop.sent(placed, [unit]) for unit in units]
    if rng.random() < 0.5:
        repaid: dict[str, Any] = {"origin": "provider", "amount": placed.totals.gross, "currency": "EUR"}
        facts: dict[str, Any] = {"reference": "re_1", "refunded_at": placed.ordered_at}
        events.append(PaymentRefunded(**story(placed), repayment=uuid4(), **repaid, **facts))
    return events


async def test_permuted_and_repeated_histories_end_like_the_straight_one(shop: Shop):
    for seed in range(HISTORIES):
        rng = random.Random(seed)
        wish = shop.wish({"VISTA-HP-ESD": rng.randint(1, 3)}, payment_method="transfer")
        straight, shuffled = await shop.buy(uuid4(), wish), await shop.buy(uuid4(), wish)
        await say_all(shop, history(straight, shop, random.Random(seed)))
        events = history(shuffled, shop, random.Random(seed))
        sequences = {id(event): number for number, event in enumerate(events)}
        disordered = events + rng.choices(events, k=3)
        rng.shuffle(disordered)
        await say_all(shop, disordered, sequences)
    await shop.home.settled()
    orders = await shop.home.sql(
        "select order_id, ordered_at from orders where payment_method = 'transfer' order by number"
    )
    assert len(orders) >= 2 * HISTORIES
    for one, other in zip(orders[::2], orders[1::2], strict=True):
        assert await outcome(shop, one["order_id"]) == await outcome(shop, other["order_id"])


async def say_all(shop: Shop, events: list[Event], sequences: dict[int, int] | None = None) -> None:
    """Say events with the sequence numbers their producer gave them, whatever order they arrive in."""
    base = shop.home.next_sequence(len(events))
    ids: dict[int, UUID] = {}
    for place, event in enumerate(events):
        number = base + (sequences[id(event)] if sequences else place)
        ids.setdefault(id(event), uuid4())
        await shop.home.say(event, event_id=ids[id(event)], sequence=number)


async def outcome(shop: Shop, order: UUID) -> dict[str, Any]:
    """What became of an order, without its own ids and times."""
    row = (await shop.home.sql(OUTCOME, order))[0]
    ordered = (await shop.home.sql("select ordered_at from orders where order_id = $1", order))[0]["ordered_at"]
    units = [unit.split(",", 1)[1] for unit in row["units"]]
    until = row["contact_until"]
    return {
        "state": row["state"],
        "closed": row["closed"],
        "days": None if until is None else (until - ordered).days,
        "units": units,
    }
