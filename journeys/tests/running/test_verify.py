"""The checker finds what is broken: each invariant is broken once, in a rolled-back transaction or in a copy."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from journeys.customer import Customer
from journeys.demo.programme import VOUCHER, enrol, load_programme, redeem
from journeys.load.market import DAY, meeting
from journeys.seller import Shop
from journeys.shops import GENERATED, KEYLESS, SERIALS, shop_file
from journeys.statement import Credit
from journeys.suite import Suite, until
from journeys.trial.breaks import IN_TABLES, OUTSIDE
from journeys.trial.people import People
from journeys.trial.sale import buy
from journeys.verify import kafka, outside
from journeys.verify.audit import check_chains, published
from journeys.verify.databases import copy_tables, find_addresses, reading
from journeys.verify.invariant import judge
from journeys.verify.quiet import NotQuiet, wait_until_quiet
from journeys.verify.run import INVARIANTS, gather
from journeys.verify.run import verify as verify_stack
from journeys.verify.scratch import Scratch
from stack.errors import StackError

pytestmark = pytest.mark.timeout(300)  # its fixture sells, refunds and waits before the first test


@dataclass(frozen=True, slots=True)
class Sound:
    """A shop that has sold by card and by transfer, taken back, and rewarded; nothing is under way."""

    shop: Shop
    scratch: Scratch

    @property
    def suite(self) -> Suite:
        return self.shop.suite

    def broken(self, scratch: Scratch) -> set[str]:
        """The names of the invariants that do not hold."""
        return {verdict.invariant.name for verdict in judge(scratch.rows, INVARIANTS) if not verdict.held}


@pytest.fixture(scope="module")
async def sound(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Sound]:
    people = People(shop)
    one, other = await people.arrive(), await people.arrive()
    await _open_pages(shop)
    await load_programme(shop.suite, shop.tenant)
    await enrol(shop.suite, one)
    order = await buy(one, {SERIALS: 2, GENERATED: 1, KEYLESS: 2})
    await one.pay_by_card(order["order"])
    transferred = await buy(other, {GENERATED: 1}, method="transfer")
    await _transfer(shop, other, transferred["order"])
    allocated = await buy(other, {GENERATED: 1, KEYLESS: 1}, method="transfer")
    await _overpay(shop, other, allocated)
    view = await one.wait_for_state(order["order"], "delivered", 60)
    back = [line["units"][0]["unit"] for line in view["lines"] if line["sku"] != KEYLESS]
    back += [unit["unit"] for line in view["lines"] if line["sku"] == GENERATED for unit in line["units"][1:]]
    await shop.seller.refund(order["order"], back)
    await other.wait_for_state(transferred["order"], "delivered", 60)
    await _earn(shop, one)
    state = shop.suite.state
    await wait_until_quiet(state, 60)
    scratch = Scratch(tmp_path_factory.mktemp("scratch") / "sound")
    async with reading(state.databases) as connections:
        await gather(state, connections, scratch, shop.tenant)
    yield Sound(shop, scratch)
    scratch.close()


async def _open_pages(shop: Shop) -> None:
    """Open the tenant's pages, whose brand says in clear whom to write to."""
    state = shop.suite.state
    port = state.ports["storefront"]
    hosts = [f"{shop.tenant}.localhost:{port}"]
    file = await asyncio.to_thread(
        shop_file, Path(state.home), "kontor", port, shop=shop.tenant, tenant=shop.tenant, hosts=hosts
    )
    await shop.suite.stack_run("storefront", "shop", "open", "--file", str(file))


async def _transfer(shop: Shop, customer: Customer, order: str, more: int = 0) -> Any:
    """Import a statement with what is asked for, and so much more; return what came of it."""

    async def asked() -> dict[str, str]:
        path = f"/orders/{order}/transfer"
        return await shop.suite.call("payments", "GET", path, token=customer.token, expect=200)

    transfer = await until(asked, "the transfer to be asked for")
    amount = int(transfer["amount"]) + more
    return await shop.bookkeeper.import_statement(transfer["iban"], Credit(amount, transfer["reference"]))


async def _overpay(shop: Shop, customer: Customer, order: dict[str, Any]) -> None:
    """Pay more than is asked for, which pays nothing until staff has allocated it, unit by unit."""
    imported = await _transfer(shop, customer, order["order"], more=100)
    path = f"/review/{imported['review'][0]['entry']}/allocation"
    for line in order["lines"]:
        body = {"order": order["order"], "units": [unit["unit"] for unit in line["units"]]}
        await shop.bookkeeper.ask("payments", "POST", path, json=body)
    await customer.wait_for_state(order["order"], "delivered", 60)


async def _earn(shop: Shop, host: Customer) -> None:
    await asyncio.to_thread(shop.suite.stack.shift_clock, DAY)
    await asyncio.gather(*(person.sign_in() for person in (host, shop.seller, shop.bookkeeper)))
    for number in range(16):
        body = {"meeting": f"{host.id[:-4]}{number:04x}", **meeting(host.id, number)}
        await shop.seller.ask("rewards", "POST", "/meetings", json=body)

    async def enough() -> bool:
        view = await shop.suite.call("rewards", "GET", "/members/me", token=host.token)
        return view["balance"] >= 1600

    await until(enough, "the points", 90)
    await redeem(shop.suite, host, VOUCHER)


async def test_a_sound_suite_holds(sound: Sound):
    assert sound.broken(sound.scratch) == set()
    counted = "select count(*), count(distinct topic) from events"
    events, topics = sound.scratch.rows.execute(counted).fetchone()
    assert published(Path(sound.suite.state.home) / "logs", "accounts")  # I13: heads are there to be compared
    assert events > 30
    assert topics > 12


@pytest.mark.parametrize("name", IN_TABLES)
async def test_what_is_broken_in_a_table_is_found(
    sound: Sound, name: str, tmp_path: Path
):  # I1 I2 I3 I4 I5 I6 I7 I8 I10 I11 I12
    service, statement, expected = IN_TABLES[name]
    scratch = Scratch(tmp_path / "broken")
    state = sound.suite.state
    connection = await asyncpg.connect(state.databases[service])
    transaction = connection.transaction(isolation="repeatable_read")
    await transaction.start()
    try:
        assert not (await connection.execute(statement, sound.shop.tenant)).endswith(" 0")
        async with reading(state.databases) as connections:
            await copy_tables({**connections, service: connection}, scratch, sound.shop.tenant)
        await find_addresses({service: connection}, scratch)
    finally:
        await transaction.rollback()
        await connection.close()
    _take_over(sound.scratch, scratch)
    assert sound.broken(scratch) == expected
    scratch.close()


def _take_over(sound: Scratch, scratch: Scratch) -> None:
    """What does not come out of a table, as it was when all was sound; reading it again would take long."""
    scratch.rows.execute("attach database ? as sound", (str(sound.file),))
    for table in (
        "now",
        "tenant",
        "subscriptions",
        "offsets",
        "events",
        "named",
        "letters",
        "sources",
        "provider_payments",
        "provider_refunds",
    ):
        scratch.rows.execute(f"insert into {table} select * from sound.{table}")
    scratch.rows.execute("detach database sound")


async def test_an_act_that_somebody_changed_is_found(sound: Sound, tmp_path: Path):  # I13 PLT-19
    connection = await asyncpg.connect(sound.suite.state.databases["payments"])
    transaction, scratch = connection.transaction(), sound.scratch.copy(tmp_path / "broken")
    await transaction.start()
    try:
        await connection.execute("alter table chassis.audit disable trigger audit_only_grows")
        assert await connection.execute("update chassis.audit set actor = 'x' where number = 1") == "UPDATE 1"
        await check_chains({"payments": connection}, tmp_path, scratch)
    finally:
        await transaction.rollback()
        await connection.close()
    assert sound.broken(scratch) == {"I13"}
    scratch.close()


@pytest.mark.parametrize("name", OUTSIDE)
async def test_what_is_broken_outside_the_tables_is_found(
    sound: Sound, name: str, tmp_path: Path
):  # I1 I7 I8 I9 I10 I12
    statement, expected = OUTSIDE[name]
    scratch = sound.scratch.copy(tmp_path / "broken")
    assert scratch.rows.execute(statement).rowcount > 0
    assert sound.broken(scratch) == expected
    scratch.close()


def test_an_address_in_a_record_is_seen():
    assert kafka.PATTERN.findall(b'{"to":"Anna.M+x@mail.firma.example"}') == [b"Anna.M+x@mail.firma.example"]
    assert not kafka.PATTERN.findall(b"@ home, 5@6, a@b")


def test_a_letter_is_known_by_its_message_id_alone(tmp_path: Path):
    for name, taken in {"a": "10:00:00", "b": "10:00:01"}.items():
        head = f"Return-Path: <x@y.example>\r\nX-Envelope-To: z@y.example\r\nReceived: {taken}\r\n"
        (tmp_path / "mail").mkdir(exist_ok=True)
        (tmp_path / "mail" / f"{name}.eml").write_text(
            f"{head}Message-ID: <1@y>\r\nSubject: S\r\n\r\nText\r\n", newline=""
        )
    scratch = Scratch(tmp_path / "scratch")
    outside.read_spool(tmp_path, scratch)
    found = scratch.rows.execute(
        "select message_id, count(*), count(distinct digest) from letters group by 1"
    ).fetchall()
    assert found == [("<1@y>", 2, 1)]
    scratch.close()


async def test_a_tenant_that_was_never_opened_is_not_judged(sound: Sound):
    with pytest.raises(StackError, match=f"No tenant 'kontr' was opened in .*{sound.shop.tenant}"):
        await verify_stack(sound.suite.state, tenant="kontr")


async def test_a_stack_in_which_something_is_under_way_is_not_judged(sound: Sound):
    suite = sound.suite
    await asyncio.to_thread(suite.stack.stop, "licensing")
    try:
        customer = await People(sound.shop).arrive()
        await buy(customer, {GENERATED: 1})
        with pytest.raises(NotQuiet, match="licensing"):
            await verify_stack(suite.state, tenant=sound.shop.tenant, wait=2)
    finally:
        await asyncio.to_thread(suite.stack.start, "licensing")
    assert await verify_stack(suite.state, tenant=sound.shop.tenant, wait=60)


async def test_what_is_published_while_files_are_brought_has_all_read_once_more(sound: Sound):
    customer, loop = await People(sound.shop).arrive(), asyncio.get_running_loop()
    brought: list[int] = []

    def bring() -> None:
        if not brought:
            asyncio.run_coroutine_threadsafe(buy(customer, {GENERATED: 1}), loop).result(30)
        brought.append(1)

    assert await verify_stack(sound.suite.state, tenant=sound.shop.tenant, wait=60, bring=bring)
    assert len(brought) == 2
