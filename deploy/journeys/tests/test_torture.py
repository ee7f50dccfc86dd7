"""The table of `make torture`, and the load's promises."""

from io import StringIO

from journeys.load.promises import Promise, Promises
from journeys.suite import Suite
from journeys.torture.row import Row, show
from journeys.torture.selection import rows_of
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
