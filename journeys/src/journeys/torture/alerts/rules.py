"""Prometheus' rules in less time: every duration is divided by one factor, and nothing else is changed."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import yaml
from stack.stack import ROOT

RULES: Final = ROOT / "deploy" / "observability" / "rules.yml"
WAITS: Final = frozenset({"for", "interval", "keep_firing_for"})
"""The fields of groups and rules that are durations."""
UNITS: Final = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 7 * 86_400_000,
    "y": 365 * 86_400_000,
}
DURATION: Final = r"(?:\d+(?:ms|[smhdwy]))+"
PART: Final = re.compile(r"(\d+)(ms|[smhdwy])")
# text in quotes is passed over; ranges, subqueries and look-backs are what durations are for in an expression
WINDOWS: Final = re.compile(
    r"""(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
    rf"|(?P<range>\[\s*{DURATION}\s*(?::\s*(?:{DURATION})?\s*)?\])"
    rf"|(?P<offset>\boffset\s+-?\s*{DURATION})"
)


def scaled(rules: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Return a rules file's content with each duration divided by the factor."""
    return cast("dict[str, Any]", _scaled(rules, "", factor))


def shorter(duration: str, factor: float) -> str:
    """Return a duration divided by the factor, in milliseconds, at least one."""
    whole = sum(int(number) * UNITS[unit] for number, unit in PART.findall(duration))
    return f"{max(round(whole / factor), 1)}ms"


def read(file: Path = RULES) -> dict[str, Any]:
    """Return a rules file's content."""
    return yaml.safe_load(file.read_text())


def alerts(rules: Mapping[str, Any]) -> list[str]:
    """Return the names of the alerts, in the order of the file."""
    return [rule["alert"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule]


def _scaled(value: Any, field: str, factor: float) -> Any:
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value).items()
        return {name: _scaled(one, str(name), factor) for name, one in entries}
    if isinstance(value, list):
        return [_scaled(one, field, factor) for one in cast("list[Any]", value)]
    if field in WAITS:
        return shorter(str(value), factor)
    if field == "expr":
        return WINDOWS.sub(lambda found: _window(found, factor), str(value))
    return value


def _window(found: "re.Match[str]", factor: float) -> str:
    if found["quoted"] is not None:
        return found["quoted"]
    return re.sub(DURATION, lambda duration: shorter(duration[0], factor), found[0])
