"""The drill of the alerts: it knows all of them, changes only durations of the rules, and shows what it saw."""

import re
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from chassis_testing.programs import require
from journeys.torture.alerts.drill import FACTOR, PROVOCATIONS, drill, of
from journeys.torture.alerts.rules import alerts, read, scaled, shorter
from journeys.torture.alerts.table import Line, show
from PIL import Image
from rich.console import Console
from stack.errors import StackError

CHEAP = ("KontorServiceAway", "KontorDeadLetters")


def texts(value: Any, path: str = "") -> dict[str, str]:
    """Return everything in a document, by where it stands."""
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value).items()
    elif isinstance(value, list):
        entries = enumerate(cast("list[Any]", value))
    else:
        return {path: str(value)}
    return {name: text for key, one in entries for name, text in texts(one, f"{path}/{key}").items()}


def test_the_drill_knows_a_provocation_for_each_alert():
    assert sorted(alert for one in PROVOCATIONS for alert in one.alerts) == sorted(alerts(read()))
    assert [names for _, names in of(("KontorDeliveryLateSlowly",))] == [("KontorDeliveryLateSlowly",)]
    with pytest.raises(StackError, match="There is no alert KontorNothing"):
        of(("KontorNothing",))


def test_only_durations_are_shortened():
    rules = {
        "groups": [
            {
                "name": "5m",
                "interval": "30s",
                "rules": [
                    {"record": "failed:ratio5m", "expr": 'rate(failed{path="[5m]",status=~"[45].."}[5m]) / 60'},
                    {
                        "alert": "Late",
                        "expr": "max_over_time(age[1h30m:1m] offset 6h) > 3600 and failed:ratio5m > 14.4 * 0.001",
                        "for": "2m",
                        "labels": {"severity": "page"},
                        "annotations": {"summary": "late for 5m"},
                    },
                ],
            }
        ]
    }
    assert scaled(rules, 60) == {
        "groups": [
            {
                "name": "5m",
                "interval": "500ms",
                "rules": [
                    {"record": "failed:ratio5m", "expr": 'rate(failed{path="[5m]",status=~"[45].."}[5000ms]) / 60'},
                    {
                        "alert": "Late",
                        "expr": "max_over_time(age[90000ms:1000ms] offset 360000ms) > 3600"
                        " and failed:ratio5m > 14.4 * 0.001",
                        "for": "2000ms",
                        "labels": {"severity": "page"},
                        "annotations": {"summary": "late for 5m"},
                    },
                ],
            }
        ]
    }
    assert [shorter(text, 60) for text in ("1d", "1h30m", "1ms")] == ["1440000ms", "90000ms", "1ms"]


def test_of_our_rules_only_durations_are_shortened():
    before, after = texts(read()), texts(scaled(read(), FACTOR))
    assert before.keys() == after.keys()
    changed = {path for path, text in before.items() if after[path] != text}
    assert {path.rpartition("/")[2] for path in changed} == {"for", "interval", "expr"}
    for path in changed:
        words = [re.sub(r"\d+(?:ms|[smhd])(?=[\]]|$)", "DURATION", text) for text in (before[path], after[path])]
        assert words[0] == words[1]
    assert {path for path in before if path.endswith("/for")} <= changed


def test_prometheus_understands_the_shortened_rules(tmp_path: Path):
    require(["promtool"], package="prometheus", root=False)
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump(scaled(read(), FACTOR)))
    done = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_table_names_what_did_not_fire():
    shown = StringIO()
    lines = [Line("KontorGaps", "records deleted", 3.2, 1.0), Line("KontorAway", "killed", 2.0, None, "waited")]
    show(lines, Console(file=shown, width=160))
    assert [line.held for line in lines] == [True, False]
    rows = [line for line in shown.getvalue().splitlines() if "Kontor" in line]
    assert "held" in rows[0]
    assert "broken waited" in rows[1]


@pytest.mark.torture
@pytest.mark.timeout(900)
async def test_two_alerts_fire_and_end(tmp_path: Path):
    require(["prometheus"], package="prometheus", root=False)
    seen: list[str] = []
    assert await drill(CHEAP, tmp_path / "stack", seen.append), seen
    for alert in CHEAP:
        assert any(line.startswith(f"{alert} fires after") for line in seen)
        assert any(line.startswith(f"{alert} ends after") for line in seen)
    for name in ("sale", "service"):
        with Image.open(tmp_path / "stack" / "dashboards" / f"{name}.png") as picture:
            assert picture.width > 1000
