"""What each service shows to Prometheus obeys its rules of names (those of `promtool check metrics`) and ours."""

import re
import shutil
import subprocess
from contextvars import copy_context
from importlib import import_module
from pathlib import Path

import pytest
from chassis.telemetry import metrics
from chassis.telemetry.current import current_service
from contracts.topics import SERVICES
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

RUNBOOKS = sorted((Path(__file__).parents[2] / "docs" / "runbooks").glob("*.md"))
NAMED = re.compile(r"\b[a-z]\w*_(?:total|count|sum|seconds|events|letters|gaps|rows)\b")
# fields of answers and of lines of the log
FIELDS = {"clock_behind_seconds", "expired_seconds"}
UNITS = "seconds|bytes|ratio|volts|amperes|joules|grams|meters|celsius"
NO_UNITS = r"(milli|micro|nano|kilo|mega|minutes?|hours?|days?|percent|megabytes|kilobytes|ms)"
TYPES = ("counter", "gauge", "histogram", "summary")


def text_of(service: str) -> str:
    import_module(f"{service.replace('-', '_')}.doors")  # which a program imports when it serves

    def render() -> str:
        current_service.set(service)
        metrics.handled("OrderPaid", "done").inc()
        metrics.answered("/x", "GET", 200).observe(0.1)
        metrics.current().outbound_seconds.labels("x", "done").observe(0.1)
        return metrics.render().decode()

    return copy_context().run(render)


def shown_by(service: str) -> list[Metric]:
    return list(text_string_to_metric_families(text_of(service)))


def faults(family: Metric) -> list[str]:
    name, words = family.name, family.name.split("_")
    named = {sample.name for sample in family.samples}
    wrong = {
        "has no help": not family.documentation,
        "has no prefix": not name.startswith(("kontor_", "process_")),
        "is not lower-case words": re.fullmatch(r"[a-z][a-z0-9_]*", name) is None,
        "names a type": any(word in TYPES for word in words),
        "has no base unit": any(re.fullmatch(NO_UNITS, word) for word in words),
        "does not end with its unit": re.search(rf"_({UNITS})_", name) is not None and not name.endswith("_info"),
        "is a counter without _total": family.type == "counter" and not all(one.endswith("_total") for one in named),
        "is no counter and ends with _total": family.type != "counter" and name.endswith(("_total", "_count", "_sum")),
        "has a label that the scraper sets": any({"job", "instance"} & one.labels.keys() for one in family.samples),
        "has a label that names it": any(label in words for one in family.samples for label in one.labels),
    }
    return [f"{name} {fault}" for fault, is_so in wrong.items() if is_so]


@pytest.mark.parametrize("service", SERVICES)
def test_metrics_have_the_names_that_prometheus_asks_for(service: str):
    families = shown_by(service)

    assert [fault for family in families for fault in faults(family)] == []
    (info,) = next(family for family in families if family.name == "kontor_build_info").samples
    assert (info.value, info.labels["service"], info.labels["version"]) == (1, service, "0.1.0")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not installed")
@pytest.mark.parametrize("service", SERVICES)
def test_promtool_has_nothing_to_say_of_them(service: str):
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text_of(service), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda runbook: runbook.stem)
def test_what_a_runbook_says_to_look_at_is_shown(runbook: Path):
    shown = [family for service in SERVICES for family in shown_by(service)]
    names = {name for family in shown for name in (family.name, *(sample.name for sample in family.samples))}
    named = {*NAMED.findall(runbook.read_text())} - FIELDS
    assert named
    assert [name for name in named if name.removesuffix("_total") not in names and name not in names] == []
