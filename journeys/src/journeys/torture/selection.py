"""The tests of the whole repository that are named by a fault or marked as torture."""

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from stack.stack import ROOT

from journeys.torture.row import Row

NAMED = "test_F_"
# most of them wait for something most of the time, and those of a file stay together (chassis_testing.workers)
SHARED = ["-n", "2", "--dist", "loadfile"]
FAULT = re.compile(r"F_([A-Z])(\d\d)_?")


def run_tests(*, quick: bool) -> list[Row]:
    """Run the tests, unless `quick` those marked as torture too; return a row for each function."""
    # the empty expression takes back what the configuration leaves out
    chosen = ["-k", NAMED] if quick else ["-m", "", "-k", f"{NAMED} or torture"]
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.xml"
        command = [sys.executable, "-m", "pytest", *SHARED, *chosen, f"--junitxml={report}"]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        rows = rows_of(report.read_text()) if report.exists() else []
    if code and all(row.outcome != "broken" for row in rows):
        rows.append(Row("", f"pytest ended with {code}", 1, 0.0, "broken"))
    return rows


def rows_of(report: str) -> list[Row]:
    """Return the rows of a JUnit report; the cases of a parametrised test are one row."""
    rows: dict[str, Row] = {}
    for case in ET.fromstring(report).iter("testcase"):  # noqa: S314 -- pytest has written it a moment ago
        name = case.get("name", "").partition("[")[0]
        worst = {child.tag for child in case}
        outcome = "broken" if worst & {"failure", "error"} else "skipped" if "skipped" in worst else "held"
        seconds = float(case.get("time") or 0)
        key = f"{case.get('classname')}.{name}"
        before = rows.get(key, Row(*_read(name), 0, 0.0, "held"))
        words = outcome if before.outcome == "held" else before.outcome
        rows[key] = Row(before.faults, before.done, before.times + 1, before.seconds + seconds, words)
    return list(rows.values())


def _read(name: str) -> tuple[str, str]:
    """Return the faults in a test's name, and the rest as a sentence."""
    faults = " ".join(f"F-{letter}{number}" for letter, number in FAULT.findall(name))
    return faults, FAULT.sub("", name.removeprefix("test_")).replace("_", " ")
