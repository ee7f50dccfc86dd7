"""Alerts are rules that fire when they should, about metrics that exist, each with a section that says what to do."""

import re
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from chassis.telemetry import metrics
from chassis_testing.programs import require
from contracts.topics import SERVICES

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


def test_rules_and_runbooks_name_metrics_that_exist():
    exist: set[str] = set()
    for name in SERVICES:
        assert import_module(f"{name.replace('-', '_')}.doors").DOORS
        for family in metrics.of(name).registry.collect():
            ends = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum", "")}.get(family.type, ("",))
            exist |= {family.name + end for end in ends}
    pages = (RULES, ROOT / "docs" / "runbooks" / "alerts.md", ROOT / "docs" / "runbooks" / "events.md")
    named = {name for page in pages for name in METRIC.findall(page.read_text())}
    assert named - exist - {"kontor_build_info"} == set()
