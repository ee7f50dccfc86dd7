"""A dashboard as a picture, from what a Prometheus knows: for those who have no Grafana at hand."""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
import matplotlib as mpl
from matplotlib.dates import ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from journeys.dashboards.render import rendered

mpl.use("agg")
COLUMNS: Final = 24
STEPS: Final = 240
RATED_SECONDS: Final = 60
INCHES: Final = (17.0, 3.2)  # of a whole row
LEGENDS: Final = 6
UNITS: Final[Mapping[str, str]] = {"s": " s", "percentunit": " %", "bytes": " MiB", "reqps": "/s", "cps": "/s"}
FACTORS: Final[Mapping[str, float]] = {"percentunit": 100, "bytes": 1 / 2**20}
Line = tuple[str, list[datetime], list[float]]


class PrometheusRefused(Exception):
    """Prometheus did not answer a panel's question; the message says which, and what it answered."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is shown: the last `seconds`, of the service whose job is `job`, where a dashboard is of one."""

    seconds: int
    job: str


async def draw(prometheus: str, window: Window, into: Path) -> list[Path]:
    """Draw every dashboard into a directory as PNG; return the files. Raises PrometheusRefused, ClientError."""
    await asyncio.to_thread(into.mkdir, parents=True, exist_ok=True)
    files: list[Path] = []
    async with aiohttp.ClientSession(prometheus) as http:
        for path, text in rendered().items():
            dashboard = json.loads(text)
            panels = [panel for panel in _panels(dashboard["panels"]) if panel["type"] != "row"]
            lines = [await _lines(http, panel, window) for panel in panels]
            files.append(into / f"{path.stem}.png")
            of = f" ({window.job})" if "$job" in text else ""
            figure = _figure(dashboard["title"] + of, panels, lines, window)
            figure.savefig(files[-1], dpi=80)
    return files


def _panels(panels: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows and what stands in them, as one list."""
    return [one for panel in panels for one in (panel, *_panels(panel.get("panels") or ()))]


async def _lines(http: aiohttp.ClientSession, panel: Mapping[str, Any], window: Window) -> list[Line]:
    return [
        line for target in panel["targets"] for line in await _ask(http, target["expr"], target["legendFormat"], window)
    ]


async def _ask(http: aiohttp.ClientSession, expression: str, legend: str, window: Window) -> list[Line]:
    asked = expression.replace("$__rate_interval", f"{RATED_SECONDS}s").replace("$job", window.job)
    now = datetime.now(UTC).timestamp()
    step = max(1, window.seconds // STEPS)
    given = {"query": asked, "start": str(now - window.seconds), "end": str(now), "step": str(step)}
    async with http.post("/api/v1/query_range", data=given) as answer:
        answered = await answer.json()
    if answered["status"] != "success":
        raise PrometheusRefused(f"{asked}: {answered.get('error')}")
    lines = [_line(legend, one) for one in answered["data"]["result"]]
    return [line for line in lines if line[2]]


def _line(legend: str, result: Mapping[str, Any]) -> Line:
    labels: Mapping[str, str] = result["metric"]
    name = re.sub(r"{{\s*(\w+)\s*}}", lambda found: labels.get(found[1], ""), legend)
    known = [(float(at), float(value)) for at, value in result["values"] if value != "NaN"]
    return name, [datetime.fromtimestamp(at, UTC) for at, _ in known], [value for _, value in known]


def _figure(title: str, panels: Sequence[Mapping[str, Any]], lines: Sequence[list[Line]], window: Window) -> Any:
    """Lay panels out as Grafana does: so many beside each other as their widths allow."""
    beside = COLUMNS // panels[0]["gridPos"]["w"]
    rows = -(-len(panels) // beside)
    figure: Any = Figure(figsize=(INCHES[0], INCHES[1] * rows + 0.6), layout="constrained")
    figure.suptitle(title, fontsize=15)
    now = datetime.now(UTC)
    for at, (panel, drawn) in enumerate(zip(panels, lines, strict=True)):
        unit = panel["fieldConfig"]["defaults"]["unit"]
        axes: Any = figure.add_subplot(rows, beside, at + 1)
        axes.set_title(panel["title"], loc="left", fontsize=10)
        for name, times, values in drawn:
            shown = [value * FACTORS.get(unit, 1) for value in values]
            axes.plot(times, shown, label=name, linewidth=1.2)
        axes.set_ylim(bottom=0, top=None if any(any(values) for _, _, values in drawn) else 1)
        axes.set_xlim(now - timedelta(seconds=window.seconds), now)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator(), show_offset=False))
        axes.yaxis.set_major_formatter(StrMethodFormatter(f"{{x:g}}{UNITS.get(unit, '')}"))
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.3)
        if drawn:
            axes.legend(fontsize=6, loc="upper left", ncols=2 if len(drawn) <= LEGENDS else 3)
        else:
            axes.text(0.5, 0.5, "no data", transform=axes.transAxes, ha="center", color="gray")
    return figure
