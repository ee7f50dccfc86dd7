"""Step 7: meetings held become points, points become rewards."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from journeys.customer import Customer
from journeys.demo.sale import Sale
from journeys.seller import DATA
from journeys.suite import Suite, expect, until

DAY = 86_400
MEETING = timedelta(minutes=15)
FLIGHT = "flight-1600-km"
VOUCHER = "restaurant-voucher"


async def earn_and_redeem(sale: Sale) -> None:
    """59 meetings are not enough for the flight, 60 are (L17); a second member takes a voucher."""
    show, suite = sale.show, sale.suite
    host, guest = sale.first, sale.business
    for member in (host, guest):
        await enrol(suite, member)
    await asyncio.to_thread(suite.stack.shift_clock, DAY)
    show.saw("two members enrolled; the stack's clock moves on by a day")
    await asyncio.gather(*(person.sign_in() for person in (host, guest, sale.shop.seller, sale.shop.bookkeeper)))
    await log_meetings(sale, host, 59)
    balance = (await me(suite, host, meetings=59))["balance"]
    refused = await redeem(suite, host, FLIGHT, expect=409)
    show.saw(f"59 meetings held: {balance} points; the flight: {refused['title']}")
    await log_meetings(sale, host, 1, after=59)
    balance = (await me(suite, host, meetings=60))["balance"]
    flight = await redeem(suite, host, FLIGHT)
    show.saw(f"the 60th: {balance} points; 1600 km flight redeemed for {flight['points']} points")
    await log_meetings(sale, guest, 30)
    await me(suite, guest, meetings=30)
    voucher = await redeem(suite, guest, VOUCHER)
    mine = (await suite.call("rewards", "GET", "/members/me/redemptions", token=guest.token))["items"]
    (code,) = [entry["code"] for entry in mine if entry.get("code")]
    asked, handed = (await host.mailbox.wait(2))[1], (await guest.mailbox.wait(3))[2]
    expect(str(flight["points"]) in asked.text, "a letter that says what the flight has cost")
    expect(code in handed.text, "a letter with the code of the voucher")
    show.saw(
        f"second member: restaurant voucher for {voucher['points']} points; its code is in the account and a letter"
    )
    postings = (await suite.call("rewards", "GET", "/members/me/postings", token=host.token))["items"]
    show.saw(f"latest posting: {postings[0]['arithmetic']}; one before: {postings[1]['arithmetic']}")


async def load_programme(suite: Suite, tenant: str) -> None:
    """The rules, the catalogue and a pool of voucher codes."""
    await suite.stack_run("rewards", "load", str(DATA / "rewards.yaml"), "--tenant", tenant)
    codes = Path(suite.state.home) / "codes.csv"
    codes.write_text("".join(f"DINNER-{uuid4().hex[:10].upper()}\n" for _ in range(10)))
    await suite.stack_run("rewards", "codes", "import", str(codes), "--reward", VOUCHER, "--tenant", tenant)


async def enrol(suite: Suite, member: Customer) -> None:
    """Opt in."""
    await suite.call("rewards", "POST", "/members", json={"time_zone": "Europe/Berlin"}, token=member.token)


async def log_meetings(sale: Sale, host: Customer, count: int, after: int = 0) -> None:
    """Meetings of a quarter of an hour with four people, one behind the other, `after` so many others."""
    few_at_once = asyncio.Semaphore(8)  # fewer than a service has connections: where it is busy, more get 503

    async def log_one(number: int) -> None:
        begun = datetime.now(UTC) + timedelta(hours=2) + number * MEETING
        body = {
            "meeting": str(uuid4()),
            "source": "conferencing/demo",
            "host": host.id,
            "status": "held",
            "started_at": begun.isoformat(),
            "ended_at": (begun + MEETING).isoformat(),
            "participants": 4,
        }
        async with few_at_once:
            await sale.shop.seller.ask("rewards", "POST", "/meetings", json=body)

    await asyncio.gather(*(log_one(number) for number in range(after, after + count)))


async def me(suite: Suite, member: Customer, meetings: int) -> dict[str, Any]:
    """The member's account, once so many meetings are posted."""

    async def posted() -> dict[str, Any]:
        view = await suite.call("rewards", "GET", "/members/me", token=member.token)
        return view if view["usage"]["rewarded"] >= meetings else {}

    return await until(posted, f"{meetings} meetings to be posted")


async def redeem(suite: Suite, member: Customer, reward: str, expect: int = 201) -> dict[str, Any]:
    """Spend points; miles go to an account of the member's."""
    body = {"reward": reward} | ({"account": "KM-4711-0815"} if reward == FLIGHT else {})
    return await suite.call("rewards", "POST", "/redemptions", json=body, token=member.token, expect=expect)
