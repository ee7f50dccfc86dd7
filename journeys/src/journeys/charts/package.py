"""Packages the charts by Helm."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from contracts.topics import SERVICES
from stack.errors import StackError
from stack.stack import ROOT

from journeys.charts.render import CHARTS, LIBRARY, TOPICS, UMBRELLA

OBSERVABILITY = ROOT / "deploy" / "observability"


def gather(environment: Mapping[str, str] | None = None) -> None:
    """Bring into each chart what it depends on, into the umbrella alerts and dashboards, too. Raises StackError."""
    own = ROOT / CHARTS / UMBRELLA / "observability"
    shutil.rmtree(own, ignore_errors=True)
    shutil.copytree(OBSERVABILITY / "dashboards", own / "dashboards")
    shutil.copy(OBSERVABILITY / "rules.yml", own)
    for name in (*SERVICES, UMBRELLA):
        helm("dependency", "update", "--skip-refresh", str(ROOT / CHARTS / name), environment=environment)


def package(out: Path) -> list[Path]:
    """Write each chart as one file, and return them. Raises StackError."""
    gather()
    for name in (*SERVICES, TOPICS, LIBRARY, UMBRELLA):
        helm("package", str(ROOT / CHARTS / name), "--destination", str(out))
    return sorted(out.glob("*.tgz"))


def helm(*words: str, environment: Mapping[str, str] | None = None, given: str | None = None) -> str:
    """Run helm, and return what it prints. Raises StackError."""
    try:
        done = subprocess.run(
            ["helm", *words], env=environment, input=given, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise StackError("There is no helm here: the charts are packaged by Helm 3.14 or newer") from None
    if done.returncode:
        raise StackError(f"helm {' '.join(words)}: {done.stdout + done.stderr}")
    return done.stdout
