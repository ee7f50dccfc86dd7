"""Holds what the charts render against the policies of checkov: every finding is mended, or excused."""

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from contracts.topics import SERVICES
from stack.errors import StackError
from stack.stack import ROOT

from journeys.charts.package import gather, helm
from journeys.charts.render import CHARTS, TOPICS, UMBRELLA

GIVEN: Final = ROOT / "deploy" / "kubernetes" / "everything.yaml"
EXCEPTIONS: Final = ROOT / "deploy" / "kubernetes" / "exceptions.yaml"
NAMESPACE: Final = "kontor"


@dataclass(frozen=True, slots=True)
class Finding:
    """An object, as `Kind.namespace.name`, that a check of checkov's finds fault with."""

    check: str
    of: str
    says: str

    def __str__(self) -> str:
        """As a line."""
        return f"{self.of}: {self.check} {self.says}"


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why a check does not count for the objects that match a pattern."""

    check: str
    of: str
    why: str

    def excuses(self, finding: Finding) -> bool:
        """Return whether a finding is excepted."""
        return self.check == finding.check and re.fullmatch(self.of, finding.of) is not None


def faults(findings: Sequence[Finding], exceptions: Sequence[Excuse]) -> list[str]:
    """Return a line for every finding without an exception, and for every exception without a finding."""
    found = [str(finding) for finding in findings if not any(one.excuses(finding) for one in exceptions)]
    idle = [one for one in exceptions if not any(one.excuses(finding) for finding in findings)]
    return found + [f"{EXCEPTIONS.name}: {one.check} of {one.of} is not needed" for one in idle]


def hold(checkov: str) -> list[str]:
    """Lint all charts, check what the umbrella renders with everything on; return what is wrong. Raises StackError."""
    gather()
    given = yaml.safe_load(GIVEN.read_text())
    for name in (*SERVICES, TOPICS):
        own = given.get(name, {}) | {"global": given["global"]}
        helm("lint", "--quiet", str(ROOT / CHARTS / name), "-f", "-", given=json.dumps(own))
    helm("lint", "--quiet", str(ROOT / CHARTS / UMBRELLA), "-f", str(GIVEN))
    chart = (UMBRELLA, str(ROOT / CHARTS / UMBRELLA), "-f", str(GIVEN))
    rendered = ROOT / ".local" / "policy" / "rendered.yaml"
    rendered.parent.mkdir(parents=True, exist_ok=True)
    rendered.write_text(helm("template", *chart, "--namespace", NAMESPACE))
    return faults(_found(checkov, rendered), _exceptions())


def _exceptions() -> list[Excuse]:
    return [Excuse(**one) for one in yaml.safe_load(EXCEPTIONS.read_text())]


def _found(checkov: str, rendered: Path) -> list[Finding]:
    words = [
        checkov,
        "-f",
        str(rendered),
        "--framework",
        "kubernetes",
        "--skip-download",
        "--output",
        "json",
        "--quiet",
    ]
    done = subprocess.run([*words, "--soft-fail"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"{' '.join(words)}: {done.stderr[-2000:]}")
    failed: list[dict[str, Any]] = json.loads(done.stdout)["results"]["failed_checks"]
    return [Finding(one["check_id"], one["resource"], one["check_name"]) for one in failed]
