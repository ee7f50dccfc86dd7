"""The files of the charts that are rendered: from the services' classes and from the contracts, never by hand."""

import importlib
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from chassis.config import ServiceSettings
from contracts.topics import CONSUMED_BY, SERVICES, WRITTEN_BY_PREFIX, numbered_by, published_by, topics
from stack.stack import ROOT

from journeys.charts.schema import Schema, secrets, settings, shape

CHARTS: Final = Path("deploy") / "charts"
UMBRELLA, TOPICS, LIBRARY = "kontor", "topics", "chassis"
DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
KUBERNETES: Final = ">=1.30.0-0"  # the action `sleep` before a stop
NOTE: Final = "# Rendered by `python -m journeys charts render`.\n"
TEMPLATE: Final = '{{ include "chassis.service" . }}\n'


def rendered(root: Path = ROOT) -> dict[Path, str]:
    """Return the content of every rendered file, by its path from the root."""
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    common = shape(yaml.safe_load((root / CHARTS / LIBRARY / "values.yaml").read_text()))
    library = common | {"properties": common["properties"] | {"global": {"type": "object"}}}
    files = {CHARTS / LIBRARY / "values.schema.json": _json({"$schema": DRAFT} | library)}
    for name in SERVICES:
        files |= {CHARTS / name / file: text for file, text in _service(name, version, common).items()}
    files[CHARTS / TOPICS / "topics.yaml"] = NOTE + _yaml(_topics())
    ours = shape(yaml.safe_load((root / CHARTS / TOPICS / "values.yaml").read_text()) | {"enabled": True, "global": {}})
    files[CHARTS / TOPICS / "values.schema.json"] = _json({"$schema": DRAFT} | ours)
    files[CHARTS / UMBRELLA / "Chart.yaml"] = NOTE + _yaml(_umbrella(version))
    own = yaml.safe_load((root / CHARTS / UMBRELLA / "values.yaml").read_text())
    files[CHARTS / UMBRELLA / "values.schema.json"] = _json(_umbrella_schema(own, common))
    return files


def stale(root: Path = ROOT) -> list[Path]:
    """Return the files that are not as they would be rendered."""
    return [
        path for path, text in rendered(root).items() if not (root / path).exists() or (root / path).read_text() != text
    ]


def render(root: Path = ROOT) -> list[Path]:
    """Write what is not current, and return it."""
    files, changed = rendered(root), stale(root)
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(files[path])
    return changed


def rights(service: str) -> dict[str, list[str]]:
    """Return the topics that a service writes and reads, and what those it also writes begin with, without prefix."""
    reads = sorted({*numbered_by(service), *(topic for topic, readers in CONSUMED_BY.items() if service in readers)})
    prefixes = {"prefixes": [WRITTEN_BY_PREFIX[service]]} if service in WRITTEN_BY_PREFIX else {}
    return {"writes": published_by(service), "reads": reads} | prefixes


def _service(name: str, version: str, common: Schema) -> dict[str, str]:
    package = name.replace("-", "_")
    kind: type[ServiceSettings] = importlib.import_module(f"{package}.settings").Settings
    about = (importlib.import_module(package).__doc__ or name).strip().splitlines()[0]
    return {
        "Chart.yaml": NOTE + _yaml(_chart(name, about, version) | {"dependencies": [_dependency(LIBRARY, version)]}),
        "values.schema.json": _json(_service_schema(kind, common)),
        "kafka.yaml": NOTE + _yaml(rights(name)),
        "templates/service.yaml": TEMPLATE,
    }


def _chart(name: str, about: str, version: str) -> dict[str, Any]:
    return {
        "apiVersion": "v2",
        "name": name,
        "description": about,
        "type": "application",
        "version": version,
        "appVersion": version,
        "kubeVersion": KUBERNETES,
    }


def _dependency(name: str, version: str, **more: str) -> dict[str, str]:
    return {"name": name, "version": version, "repository": f"file://../{name}"} | more


def _umbrella(version: str) -> dict[str, Any]:
    parts = [_dependency(name, version, condition=f"{name}.enabled") for name in (*SERVICES, TOPICS)]
    about = "Kontor: all services, each of which can be left out"
    return _chart(UMBRELLA, about, version) | {"dependencies": [*parts, _dependency(LIBRARY, version)]}


def _service_schema(kind: type[ServiceSettings], common: Schema) -> Schema:
    properties = dict(common["properties"])
    secret = dict(properties["secret"])
    secret["properties"] = secret["properties"] | secrets(kind)
    properties |= {"settings": settings(kind), "secret": secret}
    properties |= {"enabled": {"type": "boolean"}, "global": {"type": "object"}, LIBRARY: {"type": "object"}}
    return {"$schema": DRAFT} | common | {"properties": properties}


def _umbrella_schema(own: Mapping[str, Any], common: Schema) -> Schema:
    properties = {name: shape(value, f"{UMBRELLA}.{name}") for name, value in own.items()}
    properties |= {name: {"type": "object"} for name in (*SERVICES, TOPICS, LIBRARY)}
    return {"$schema": DRAFT, "type": "object", "additionalProperties": False} | {
        "properties": properties | {"global": common}
    }


def _topics() -> list[dict[str, str | int]]:
    return [{"name": _kebab(topic.name), "topic": topic.name, "retention": topic.retention_ms} for topic in topics()]


def _kebab(name: str) -> str:
    """Return a topic's name as Kubernetes takes it: OrderPaid is order-paid."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _json(value: Any) -> str:
    return json.dumps(value, indent=1) + "\n"


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, width=150, allow_unicode=True)
