"""The table of `make torture`, and the load's promises."""

from io import StringIO

from journeys.load.promises import Promise, Promises
from journeys.seller import Shop
from journeys.shops import BOXED, KEYLESS
from journeys.suite import Suite, until
from journeys.torture.row import Row, show
from journeys.torture.selection import rows_of
from journeys.trial.people import People
from journeys.trial.sale import buy
from rich.console import Console

REPORT = """<testsuites><testsuite>
<testcase classname="a.b" name="test_F_E05_F_E16_a_kill_repeats_nothing[orders-1]" time="1.5"/>
<testcase classname="a.b" name="test_F_E05_F_E16_a_kill_repeats_nothing[orders-2]" time="2.0"><failure/></testcase>
<testcase classname="a.b" name="test_F_E05_F_E16_a_kill_repeats_nothing[orders-3]" time="0.5"/>
<testcase classname="c" name="test_replays_converge" time="7"><skipped/></testcase>
</testsuite></testsuites>"""


def test_a_table_names_faults_and_the_worst_outcome_of_a_test():
    assert rows_of(REPORT) == [
        Row("F-E05 F-E16", "a kill repeats nothing", 3, 4.0, "broken"),
        Row("", "replays converge", 1, 7.0, "skipped"),
    ]


def test_a_table_is_sorted_by_fault():
    shown = StringIO()
    console = Console(file=shown, width=160)
    show([Row("", "c", 1, 0, "held"), Row("F-E06", "b", 1, 0, "held"), Row("F-E05", "a", 1, 0, "broken")], console)
    text = shown.getvalue()
    assert text.index("F-E05") < text.index("F-E06") < text.index(" c ")


async def test_a_promise_that_was_not_kept_is_named(running: Suite):
    lost = "00000000-0000-7000-8000-000000000001"
    promises = Promises({lost: Promise(lost, 1)}, {lost})
    broken = await promises.broken(running.state.databases, "nobody")
    assert broken == [f"order {lost} is lost", f"meeting {lost} is lost"]


async def test_promises_are_held_against_what_became_of_the_orders(shop: Shop, people: People):
    customer = await people.arrive()
    order = (await buy(customer, {KEYLESS: 1, BOXED: 1}))["order"]
    unpaid = (await buy(customer, {KEYLESS: 1}))["order"]
    await customer.pay_by_card(order)
    databases = shop.suite.state.databases
    kept = Promises({order: Promise(order, 2, paid=True), unpaid: Promise(unpaid, 1)})

    async def all_kept() -> bool:
        return not await kept.broken(databases, shop.tenant)

    await until(all_kept, "the download to be delivered")
    wrong = Promises({order: Promise(order, 3, paid=True, refunded=1), unpaid: Promise(unpaid, 1, paid=True)})
    assert await wrong.broken(databases, shop.tenant) == [
        f"order {order} has 2 units instead of 3",
        f"order {order} was paid, and 2 of 3 units are",
        f"order {order} has 0 refunded units instead of 1",
        f"order {unpaid} was paid, and 0 of 1 units are",
        f"order {unpaid} was paid, and 1 units are not delivered",
    ]
