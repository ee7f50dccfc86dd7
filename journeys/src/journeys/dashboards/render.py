"""Writing what Grafana reads."""

from collections.abc import Iterator
from pathlib import Path

from grafana_foundation_sdk.builders.dashboard import Dashboard, DatasourceVariable
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from stack.stack import ROOT

from journeys.dashboards import sale, service

DIRECTORY = ROOT / "deploy" / "observability" / "dashboards"


def rendered() -> dict[Path, str]:
    """Return each dashboard as Grafana reads it, by its file."""
    return {
        DIRECTORY / "sale.json": _json(sale.fill(_new("kontor-sale", "Kontor: the sale"))),
        DIRECTORY / "service.json": _json(service.fill(_new("kontor-service", "Kontor: a service"))),
    }


def render() -> Iterator[Path]:
    """Write the dashboards; yield their files."""
    for path, text in rendered().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        yield path


def _new(uid: str, title: str) -> Dashboard:
    source = DatasourceVariable("source").type("prometheus").label("Prometheus")
    return Dashboard(title).uid(uid).tags(["kontor"]).time("now-6h", "now").refresh("30s").with_variable(source)


def _json(dashboard: Dashboard) -> str:
    return JSONEncoder(sort_keys=True, indent=2).encode(dashboard.build()) + "\n"
