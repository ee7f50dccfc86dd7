"""Alerts are rules that fire when they should, about metrics that exist, each with a section that says what to do."""

import json
import re
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from chassis.telemetry import metrics
from chassis_testing.programs import require
from contracts.topics import SERVICES
from journeys.dashboards.render import rendered

ROOT = Path(__file__).parents[2]
RULES, TESTS = (ROOT / "deploy" / "observability" / name for name in ("rules.yml", "rules_test.yml"))
METRIC = re.compile(r"\bkontor_\w+")


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def test_each_alert_fires_when_it_should():
    require(["promtool"], package="prometheus", root=False)
    done = subprocess.run(["promtool", "test", "rules", TESTS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    cases = [case for test in yaml.safe_load(TESTS.read_text())["tests"] for case in test["alert_rule_test"]]
    assert {case["alertname"] for case in cases if case["exp_alerts"]} == alerts().keys()


def test_each_alert_has_a_section_that_says_what_to_do():
    sections = re.findall(r"^## (Kontor\w+)$", (ROOT / "docs" / "runbooks" / "alerts.md").read_text(), re.MULTILINE)
    assert sections == list(alerts())
    for name, rule in alerts().items():
        assert rule["annotations"]["runbook"] == f"docs/runbooks/alerts.md#{name.lower()}"
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_rules_runbooks_and_dashboards_name_metrics_that_exist():
    exist: set[str] = set()
    for name in SERVICES:
        assert import_module(f"{name.replace('-', '_')}.doors").DOORS
        for family in metrics.of(name).registry.collect():
            ends = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum", "")}.get(family.type, ("",))
            exist |= {family.name + end for end in ends}
    runbooks = ROOT / "docs" / "runbooks"
    pages = (RULES, runbooks / "alerts.md", runbooks / "events.md", *(RULES.parent / "dashboards").iterdir())
    named = {name for page in pages for name in METRIC.findall(page.read_text())}
    assert named - exist - {"kontor_build_info"} == set()


def test_dashboards_are_rendered_from_what_stands_in_the_code():
    for path, text in rendered().items():
        assert path.read_text() == text, "run `make render`"
        panels = [panel for panel in json.loads(text)["panels"] if panel["type"] != "row"]
        assert len(panels) >= 9
        assert all(panel["description"] and panel["targets"] for panel in panels)


def test_each_question_of_a_dashboard_is_one_that_prometheus_understands(tmp_path: Path):
    require(["promtool"], package="prometheus", root=False)
    asked = [
        target["expr"].replace("$__rate_interval", "5m").replace("$job", "orders")
        for text in rendered().values()
        for panel in json.loads(text)["panels"]
        for target in panel.get("targets", ())
    ]
    rules = [{"record": f"asked:{number}", "expr": expression} for number, expression in enumerate(asked)]
    file = tmp_path / "asked.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboards", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
